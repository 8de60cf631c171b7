// The panels below the events: rejections, queues, webhooks, processes.
import { type ComponentChild, type ComponentChildren, h } from "preact";
import { useMemo } from "preact/hooks";
import type { ProcessLine, Sections } from "../../console/messages.ts";
import { formatBytes, formatCount, formatRate, formatSeconds, formatTime, nothing } from "../format.ts";
import type { Live } from "../live/follow-stream.ts";
import { Stale } from "./notes.ts";
import { QueueTable } from "./queue-table.ts";
import { number, table, text } from "./table.ts";

type PanelsProps = Readonly<{ live: Live; isReadOnly: boolean }>;

export function Panels({ live: { sections }, isReadOnly }: PanelsProps): ComponentChild {
  const { totals, queues, webhooks, processes, health } = sections;
  return useMemo(() => drawPanels(sections, isReadOnly), [totals, queues, webhooks, processes, health]);
}

function drawPanels(
  { totals, queues, webhooks, processes, health }: Live["sections"],
  isReadOnly: boolean,
): ComponentChild {
  return h(
    "div",
    { class: "panels" },
    h(Panel, { title: "Rejections by reason" }, totals === undefined ? loading() : rejections(totals)),
    h(
      Panel,
      { title: "Queues", link: h("a", { href: "#/queues" }, "Open"), since: health?.queues.since },
      queues === undefined ? loading() : h(QueueTable, { queues, isReadOnly }),
    ),
    h(
      Panel,
      { title: "Webhooks", since: health?.webhooks.since },
      webhooks === undefined ? loading() : webhookTables(webhooks),
    ),
    h(Panel, { title: "Processes" }, processes === undefined ? loading() : processTable(processes)),
  );
}

type PanelProps = Readonly<{
  title: string;
  link?: ComponentChild;
  /** Since when its content has not been updated, in milliseconds since 1970. */
  since?: number | null | undefined;
  children?: ComponentChildren;
}>;

function Panel({ title, link, since, children }: PanelProps): ComponentChild {
  return h(
    "section",
    { class: "card panel", "aria-label": title },
    h("div", { class: "heading" }, h("h2", null, title), link),
    h(Stale, { what: "This panel", since }),
    h("div", { class: "scrolling", tabIndex: 0, role: "group", "aria-label": title }, children),
  );
}

const loading = () => h("p", { class: "quiet" }, "Loading …");

const rejectionWords = {
  order: "order rejected",
  purchase: "purchase turned away",
  request: "other request refused",
} as const;

function rejections({ rejections: all }: Sections["totals"]): ComponentChild {
  if (all.length === 0) return h("p", { class: "quiet" }, "No rejections.");
  const rows = all
    .toSorted((one, other) => other.total - one.total)
    .map(({ reason, what, total, perSecond }) => ({
      key: `${reason} ${what}`,
      cells: [text(reason), text(rejectionWords[what]), number(formatRate(perSecond)), number(formatCount(total))],
    }));
  return table(["Reason", "What", "/s", "Since start"], rows);
}

function webhookTables({
  attempts,
  enabled,
  failing,
  disabled,
  oldestUndeliveredSeconds,
  endpoints,
}: Sections["webhooks"]): ComponentChild {
  const oldest = formatSeconds(oldestUndeliveredSeconds);
  const summary = `${enabled} enabled, ${failing} failing, ${disabled} disabled; oldest undelivered ${oldest}`;
  const attemptRows = attempts.map(({ result, perSecond, total }) => ({
    key: result,
    cells: [text(result), number(formatRate(perSecond)), number(formatCount(total))],
  }));
  const endpointRows = endpoints.map(({ id, origin, failingSince, disabledReason, pending }) => ({
    key: id,
    cells: [text(origin), text(endpointState(failingSince, disabledReason)), number(formatCount(pending))],
  }));
  return h(
    "div",
    null,
    h("p", { class: "quiet small" }, summary),
    attemptRows.length === 0 ? null : table(["Attempts", "/s", "Since start"], attemptRows),
    endpointRows.length === 0 ? null : table(["Endpoint", "State", "To send"], endpointRows),
  );
}

function endpointState(failingSince: string | null, disabledReason: string | null): ComponentChildren {
  if (disabledReason !== null) return h("span", null, h("b", { class: "tag warn" }, "disabled"), ` ${disabledReason}`);
  if (failingSince !== null) return h("b", { class: "tag bad" }, `failing since ${formatTime(failingSince)}`);
  return "ok";
}

function processTable(processes: readonly ProcessLine[]): ComponentChild {
  const rows = processes.map((line) => ({
    key: line.id,
    cells: [
      text(line.kind),
      text(
        line.state === "up"
          ? h("b", { class: "tag ok" }, "up")
          : h("b", { class: "tag bad" }, `silent for ${formatSeconds(line.silentSeconds)}`),
      ),
      number(line.cpuPercent === null ? nothing : `${line.cpuPercent} %`),
      number(formatBytes(line.memoryBytes)),
      text(`${line.host} ${line.pid}`),
      text(`${line.version}, since ${formatTime(line.startedAt)}`),
    ],
  }));
  return table(["Process", "State", "CPU", "Memory", "Host and pid", "Version"], rows);
}
