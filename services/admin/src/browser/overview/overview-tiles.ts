// The four figures that matter in a sale.
import { type ComponentChild, h } from "preact";
import type { EventLine, Pending, Totals } from "../../console/messages/messages.ts";
import { describeForecast, secondsToSellOut } from "../event/course/forecast.ts";
import {
  formatCount,
  formatMilliseconds,
  formatPercent,
  formatRate,
  formatSeconds,
  formatTime,
  nothing,
} from "../format.ts";
import type { Live } from "../live/follow-stream.ts";
import { addStocks, sumStock } from "../parts/stock.ts";
import { StockBar } from "../parts/stock-bar.ts";
import { drawTile, type Tile } from "../parts/tile.ts";

/** The tile turns red when the oldest pending order is older than this. */
const lateSeconds = 15;

/** Sold, pace, pending and decision time. */
export function Tiles({ live }: { live: Live }): ComponentChild {
  const { totals, pending, health } = live.sections;
  if (totals === undefined) return null;
  const lines = (live.sections.busiest ?? []).flatMap((id) => live.events[id] ?? []);
  const tiles = [
    soldTile(lines),
    paceTile(totals, lines),
    pendingTile(pending, health?.pending.since ?? null),
    decisionTile(totals),
  ];
  return h("section", { class: "tiles", "aria-label": "Current figures" }, tiles.map(drawTile));
}

function soldTile(lines: readonly EventLine[]): Tile {
  // A cancelled event sells nothing, so its tickets are no part of what can be sold.
  const shown = lines.filter(({ saleState }) => saleState !== "cancelled");
  const stock = addStocks(shown.map(({ inventory, pools }) => sumStock(inventory, pools)));
  const where = shown.length === 1 ? "1 event" : `${formatCount(shown.length)} events`;
  return {
    name: "Sold",
    value: formatCount(stock.sold),
    unit: `of ${formatCount(stock.total)}`,
    notes: [
      h(StockBar, { stock }),
      `${formatPercent(stock.sold, stock.total)} sold, ${formatCount(stock.held)} held, in ${where}`,
    ],
  };
}

function paceTile({ ticketsSold, peaks }: Totals, lines: readonly EventLine[]): Tile {
  const [next] = lines
    .flatMap((line) => {
      const seconds = secondsToSellOut(line);
      return seconds === null ? [] : [{ line, seconds }];
    })
    .toSorted((one, other) => one.seconds - other.seconds);
  return {
    name: "Pace",
    value: formatRate(ticketsSold.perSecond),
    unit: "tickets/s",
    notes: [
      `peak ${formatRate(peaks.ticketsSold)}/s, ${formatCount(ticketsSold.total)} since start`,
      next === undefined
        ? "no forecast: too few or unsteady sales"
        : `${next.line.code} ${describeForecast(next.line)}`,
    ],
  };
}

function pendingTile(pending: Pending | undefined, since: number | null): Tile {
  const oldest = pending?.count === 0 ? "none waits for a decision" : "the oldest for ";
  const note = pending === undefined ? "loading …" : oldest;
  const age = pending === undefined || pending.count === 0 ? "" : formatSeconds(pending.oldestAgeSeconds);
  return {
    name: "Pending",
    value: pending === undefined ? nothing : formatCount(pending.count),
    unit: pending?.count === 1 ? "order" : "orders",
    notes: [since === null ? `${note}${age}` : `not updated since ${formatTime(since)}`],
    isAlarming: since !== null || (pending?.oldestAgeSeconds ?? 0) > lateSeconds,
  };
}

function decisionTile({ p50, p95, p99 }: Totals): Tile {
  return {
    name: "Decision time",
    value: formatMilliseconds(p95),
    unit: "p95",
    notes:
      p95 === null
        ? ["nothing was decided in the last seconds"]
        : [`median ${formatMilliseconds(p50)}, p99 ${formatMilliseconds(p99)}`, "from accepted to decided"],
  };
}
