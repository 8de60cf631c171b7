// What keeps the sale going: rejections, queues, webhooks, processes.
import { type ComponentChild, type ComponentChildren, h } from "preact";
import { useMemo } from "preact/hooks";
import type { ProcessLine, QueueLine, Sections } from "../../console/messages.ts";
import { formatBytes, formatCount, formatRate, formatSeconds, formatTime, nothing } from "../format.ts";
import type { Live } from "../live/live.ts";
import { Unknown } from "./notes.ts";

export function Panels({ live: { sections } }: { live: Live }): ComponentChild {
  const { totals, queues, webhooks, processes, health } = sections;
  return useMemo(() => drawPanels(sections), [totals, queues, webhooks, processes, health]);
}

function drawPanels({ totals, queues, webhooks, processes, health }: Live["sections"]): ComponentChild {
  return h(
    "div",
    { class: "panels" },
    h(Panel, { title: "Rejections by reason" }, totals === undefined ? waiting() : rejections(totals)),
    h(
      Panel,
      { title: "Queues", link: h("a", { href: "/queues/" }, "Open"), since: health?.queues.since },
      queues === undefined ? waiting() : queueTable(queues),
    ),
    h(
      Panel,
      { title: "Webhooks", since: health?.webhooks.since },
      webhooks === undefined ? waiting() : webhookTables(webhooks),
    ),
    h(Panel, { title: "Processes" }, processes === undefined ? waiting() : processTable(processes)),
  );
}

type PanelProps = Readonly<{
  title: string;
  link?: ComponentChild;
  /** Since when what it shows has not been known. */
  since?: number | null | undefined;
  children?: ComponentChildren;
}>;

function Panel({ title, link, since, children }: PanelProps): ComponentChild {
  return h(
    "section",
    { class: "card panel", "aria-label": title },
    h("div", { class: "heading" }, h("h2", null, title), link),
    h(Unknown, { what: "This is", since }),
    h("div", { class: "scrolling", tabIndex: 0, role: "group", "aria-label": title }, children),
  );
}

const waiting = () => h("p", { class: "quiet" }, "Looking …");

type Cell = Readonly<{ text: ComponentChildren; isNumber?: boolean }>;

function table(
  head: readonly string[],
  rows: readonly Readonly<{ key: string; cells: readonly Cell[] }>[],
): ComponentChild {
  return h(
    "table",
    null,
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        head.map((name, index) =>
          h("th", { scope: "col", key: name, class: rows[0]?.cells[index]?.isNumber ? "number" : "" }, name),
        ),
      ),
    ),
    h(
      "tbody",
      null,
      rows.map(({ key, cells }) =>
        h(
          "tr",
          { key },
          cells.map(({ text, isNumber }, index) =>
            h("td", { key: index, class: isNumber === true ? "number" : "" }, text),
          ),
        ),
      ),
    ),
  );
}

const words = (text: ComponentChildren): Cell => ({ text });
const number = (text: string): Cell => ({ text, isNumber: true });

const rejectionWords = {
  order: "order rejected",
  purchase: "purchase turned away",
  request: "other request refused",
} as const;

function rejections({ rejections: all }: Sections["totals"]): ComponentChild {
  if (all.length === 0) return h("p", { class: "quiet" }, "Nothing was rejected.");
  const rows = all
    .toSorted((one, other) => other.total - one.total)
    .map(({ reason, what, total, perSecond }) => ({
      key: `${reason} ${what}`,
      cells: [words(reason), words(rejectionWords[what]), number(formatRate(perSecond)), number(formatCount(total))],
    }));
  return table(["Reason", "What", "/s", "Since start"], rows);
}

function queueTable(queues: readonly QueueLine[]): ComponentChild {
  const rows = queues.map(({ name, isPaused, waiting: waitingCount, active, failed, delayed }) => ({
    key: name,
    cells: [
      words(h("a", { href: `/queues/queue/${name}` }, name)),
      words(isPaused ? h("b", { class: "tag warn" }, "paused") : "running"),
      number(formatCount(waitingCount + delayed)),
      number(formatCount(active)),
      { text: failed > 0 ? h("b", { class: "bad" }, formatCount(failed)) : "0", isNumber: true },
    ],
  }));
  return table(["Queue", "State", "Waiting", "Active", "Failed"], rows);
}

function webhookTables({
  attempts,
  enabled,
  failing,
  disabled,
  oldestUndeliveredSeconds,
  endpoints,
}: Sections["webhooks"]): ComponentChild {
  const summary = `${enabled} enabled, ${failing} failing, ${disabled} disabled; oldest undelivered ${formatSeconds(oldestUndeliveredSeconds)}`;
  const attemptRows = attempts.map(({ result, perSecond, total }) => ({
    key: result,
    cells: [words(result), number(formatRate(perSecond)), number(formatCount(total))],
  }));
  const endpointRows = endpoints.map(({ id, origin, failingSince, disabledReason, pending }) => ({
    key: id,
    cells: [words(origin), words(endpointState(failingSince, disabledReason)), number(formatCount(pending))],
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
  return "well";
}

function processTable(processes: readonly ProcessLine[]): ComponentChild {
  const rows = processes.map((line) => ({
    key: line.id,
    cells: [
      words(line.kind),
      words(
        line.state === "up"
          ? h("b", { class: "tag ok" }, "up")
          : h("b", { class: "tag bad" }, `silent for ${formatSeconds(line.silentSeconds)}`),
      ),
      number(line.cpuPercent === null ? nothing : `${line.cpuPercent} %`),
      number(formatBytes(line.memoryBytes)),
      words(`${line.host} ${line.pid}`),
      words(`${line.version}, since ${formatTime(line.startedAt)}`),
    ],
  }));
  return table(["Process", "State", "CPU", "Memory", "Host and pid", "Version"], rows);
}
