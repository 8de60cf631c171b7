import { type ComponentChild, Fragment, h } from "preact";
import type { Health } from "../../console/messages/messages.ts";
import { formatTime } from "../format.ts";
import type { Live } from "../live/follow-stream.ts";
import { Loading, Panel } from "../parts/panel.ts";
import { table, text } from "../parts/table.ts";
import { ProcessesPanel } from "./processes-panel.ts";
import { QueueTable } from "./queue-table.ts";
import { SystemTiles } from "./system-tiles.ts";

type SystemViewProps = Readonly<{ live: Live; isReadOnly: boolean }>;

/** Everything technical: batches, conflicts, processes, queues, and what cannot be read at present. */
export function SystemView({ live, isReadOnly }: SystemViewProps): ComponentChild {
  const { totals, queues, processes, health } = live.sections;
  return h(
    Fragment,
    null,
    h("h1", null, "System"),
    totals === undefined ? h(Loading, null) : h(SystemTiles, { totals }),
    h(ProcessesPanel, { processes }),
    h(
      "div",
      { class: "panels" },
      h(
        Panel,
        { title: "Queues", link: h("a", { href: "#/queues" }, "Open"), since: health?.queues.since },
        queues === undefined ? h(Loading, null) : h(QueueTable, { queues, isReadOnly }),
      ),
      h(
        Panel,
        { title: "What the console reads" },
        health === undefined ? h(Loading, null) : h(HealthTable, { health }),
      ),
    ),
  );
}

const partNames: Readonly<Record<keyof Health, string>> = {
  database: "PostgreSQL",
  queues: "Queues",
  pending: "Pending orders",
  events: "Stock of the events",
  ranking: "Busiest events",
  webhooks: "Webhooks",
};
const parts = ["database", "queues", "pending", "events", "ranking", "webhooks"] as const;

function HealthTable({ health }: { health: Health }): ComponentChild {
  const rows = parts.map((part) => {
    const { since } = health[part];
    const state =
      since === null
        ? h("b", { class: "tag ok" }, "up to date")
        : h("b", { class: "tag bad" }, `not updated since ${formatTime(since)}`);
    return { key: part, cells: [text(partNames[part]), text(state)] };
  });
  return table(["What", "State"], rows);
}
