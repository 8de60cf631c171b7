// The view of the queues, beside Bull Board, which shows their jobs.
import { type ComponentChild, h } from "preact";
import type { Live } from "../live/follow-stream.ts";
import { Stale } from "../parts/notes.ts";
import { webhooksHash } from "../route.ts";
import { QueueTable } from "./queue-table.ts";

type QueuesViewProps = Readonly<{ live: Live; isReadOnly: boolean }>;

export function QueuesView({ live, isReadOnly }: QueuesViewProps): ComponentChild {
  const { queues, health, webhooks } = live.sections;
  const failing = webhooks?.failing ?? 0;
  return h(
    "section",
    { class: "card queues", "aria-label": "Queues" },
    h("div", { class: "heading" }, h("h1", null, "Queues"), h("a", { href: "/queues/" }, "All jobs, in Bull Board")),
    h(
      "p",
      { class: "quiet small" },
      "Queues only say who works on what: orders and webhooks are in PostgreSQL, so no job that fails loses one.",
    ),
    failing === 0
      ? null
      : h(
          "p",
          null,
          h("b", { class: "tag bad" }, `${failing} failing`),
          " A job of deliver ends well also when receivers refuse its webhooks; those are tried again. ",
          h("a", { href: webhooksHash("failing") }, "Show the endpoints that fail"),
        ),
    h(Stale, { what: "This table", since: health?.queues.since }),
    queues === undefined
      ? h("p", { class: "quiet", role: "status" }, "Loading the queues …")
      : h(QueueTable, { queues, isReadOnly }),
  );
}
