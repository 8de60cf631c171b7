// The tiles with the figures of how the installation works.
import { type ComponentChild, h } from "preact";
import type { Totals } from "../../console/messages/messages.ts";
import { formatCount, formatMean, formatMilliseconds, formatRate } from "../format.ts";
import { drawTile, type Tile } from "../parts/tile.ts";

export function SystemTiles({ totals }: Readonly<{ totals: Totals }>): ComponentChild {
  return h("section", { class: "tiles system", "aria-label": "Technical figures" }, tiles(totals).map(drawTile));
}

function tiles(totals: Totals): Tile[] {
  const { accepted, decided, turnedAway, confirmed, rejected, peaks, conflicts, retries, rescued } = totals;
  return [
    {
      name: "Accepted",
      value: formatRate(accepted.perSecond),
      unit: "/s",
      notes: [
        `peak ${formatRate(peaks.accepted)}/s, ${formatCount(accepted.total)} in all`,
        `${formatRate(turnedAway.perSecond)}/s turned away`,
      ],
    },
    {
      name: "Decided",
      value: formatRate(decided.perSecond),
      unit: "/s",
      notes: [
        `peak ${formatRate(peaks.decided)}/s, ${formatCount(decided.total)} in all`,
        `${formatCount(confirmed.total)} confirmed, ${formatCount(rejected.total)} rejected`,
      ],
    },
    {
      name: "Decision time",
      value: formatMilliseconds(totals.p50),
      notes: [`p95 ${formatMilliseconds(totals.p95)}, p99 ${formatMilliseconds(totals.p99)}`, "median, last seconds"],
    },
    {
      name: "Orders in a batch",
      value: formatMean(totals.allocationBatch),
      notes: [`purchases in an insert: ${formatMean(totals.acceptBatch)}`, "mean of the last seconds"],
    },
    {
      name: "Conflicts",
      value: formatRate(conflicts.perSecond),
      unit: "/s",
      notes: [`${formatCount(conflicts.total)} since start`, `${formatCount(retries.total)} retries of transactions`],
    },
    {
      name: "Rescued",
      value: formatCount(rescued.total),
      notes: ["orders whose job was lost", `${formatCount(totals.enqueueFailures.total)} jobs could not be enqueued`],
    },
  ];
}
