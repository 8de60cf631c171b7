import { type ComponentChild, h } from "preact";
import { formatCount, formatMean, formatMilliseconds, formatRate, formatSeconds, nothing } from "./format.ts";
import type { Live } from "./live.ts";

type Tile = Readonly<{ name: string; value: string; unit?: string; note: string; isBad?: boolean }>;

/** An order that waits longer than this is late. */
const lateSeconds = 15;

/** The figures of the sale, large. */
export function Tiles({ live }: { live: Live }): ComponentChild {
  return h("section", { class: "tiles", "aria-label": "The sale at present" }, tiles(live).map(present));
}

function present({ name, value, unit, note, isBad }: Tile): ComponentChild {
  return h(
    "div",
    { class: isBad === true ? "card tile bad" : "card tile", key: name },
    h("h2", null, name),
    h("p", { class: "value" }, value, unit === undefined ? null : h("small", null, ` ${unit}`)),
    h("p", { class: "quiet small" }, note),
  );
}

function tiles({ sections: { totals, pending, webhooks } }: Live): Tile[] {
  if (totals === undefined) return [];
  const { accepted, decided, confirmed, rejected, turnedAway, ticketsSold, conflicts, retries } = totals;
  const isLate = pending !== undefined && pending.oldestAgeSeconds > lateSeconds;
  const isUndelivered = webhooks !== undefined && webhooks.failing > 0;
  return [
    {
      name: "Decided",
      value: formatRate(decided.perSecond),
      unit: "/s",
      note: `${formatCount(confirmed.total)} confirmed, ${formatCount(rejected.total)} rejected`,
    },
    {
      name: "Accepted",
      value: formatRate(accepted.perSecond),
      unit: "/s",
      note: `${formatRate(turnedAway.perSecond)}/s turned away`,
    },
    {
      name: "Tickets sold",
      value: formatRate(ticketsSold.perSecond),
      unit: "/s",
      note: `${formatCount(ticketsSold.total)} since start`,
    },
    {
      name: "Decision time",
      value: formatMilliseconds(totals.p50),
      note: `p95 ${formatMilliseconds(totals.p95)}, p99 ${formatMilliseconds(totals.p99)}`,
    },
    {
      name: "Pending",
      value: pending === undefined ? nothing : formatCount(pending.count),
      note:
        pending === undefined || pending.count === 0
          ? "nothing waits"
          : `oldest ${formatSeconds(pending.oldestAgeSeconds)}`,
      isBad: isLate,
    },
    {
      name: "Batch size",
      value: formatMean(totals.allocationBatch),
      note: `${formatMean(totals.acceptBatch)} in an insert`,
    },
    {
      name: "Conflicts",
      value: formatRate(conflicts.perSecond),
      unit: "/s",
      note: `${formatCount(conflicts.total)} since start, ${formatCount(retries.total)} retries`,
    },
    {
      name: "Webhooks",
      value: webhooks === undefined ? nothing : formatSeconds(webhooks.oldestUndeliveredSeconds),
      note: webhooks === undefined ? "" : `${webhooks.enabled} endpoints, ${webhooks.failing} failing`,
      isBad: isUndelivered,
    },
  ];
}
