// The four figures of one event that matter.
import { type ComponentChild, h } from "preact";
import type { SaleHistory } from "../../../console/messages/event-messages.ts";
import type { EventLine } from "../../../console/messages/messages.ts";
import { formatCount, formatPercent, formatRate } from "../../format.ts";
import { sumStock } from "../../parts/stock.ts";
import { StockBar } from "../../parts/stock-bar.ts";
import { drawTile, type Tile } from "../../parts/tile.ts";
import { describeForecast } from "./forecast.ts";
import { linesOf } from "./history-lines.ts";

type EventTilesProps = Readonly<{ line: EventLine; history: SaleHistory | undefined }>;

export function EventTiles({ line, history }: EventTilesProps): ComponentChild {
  const tiles = [soldTile(line), paceTile(line, history), heldTile(line), pendingTile(line)];
  return h("section", { class: "tiles", "aria-label": "Current figures" }, tiles.map(drawTile));
}

function soldTile({ inventory, pools }: EventLine): Tile {
  const stock = sumStock(inventory, pools);
  const isSoldOut = stock.total > 0 && stock.available === 0;
  return {
    name: "Sold",
    value: formatCount(stock.sold),
    unit: `of ${formatCount(stock.total)}`,
    notes: [
      h(StockBar, { stock }),
      isSoldOut && stock.held === 0
        ? h("b", { class: "tag sold-out" }, "sold out")
        : `${formatPercent(stock.sold, stock.total)} sold, ${formatCount(stock.available)} left`,
    ],
  };
}

function paceTile(line: EventLine, history: SaleHistory | undefined): Tile {
  const { available: left } = sumStock(line.inventory, line.pools);
  const peak = history?.isComplete === true ? linesOf(history, null).peakPerSecond : null;
  return {
    name: "Pace",
    value: formatRate(line.soldPerSecond),
    unit: "tickets/s",
    notes: [
      peak === null ? "peak: being read" : `peak ${formatRate(peak)}/s`,
      describeForecast(line) ?? (left === 0 ? "nothing is left" : "no forecast: too few or unsteady sales"),
    ],
  };
}

function heldTile({ inventory, pools }: EventLine): Tile {
  const { held, expiring } = sumStock(inventory, pools);
  const waiting = inventory.reduce((sum, type) => sum + (type.waiting ?? 0), 0);
  return {
    name: "Held",
    value: formatCount(held),
    unit: "tickets",
    notes: [`${formatCount(expiring)} for less than a minute more`, `${formatCount(waiting)} on the waiting list`],
  };
}

function pendingTile({ pending, decidedPerSecond }: EventLine): Tile {
  return {
    name: "Pending",
    value: formatCount(pending),
    unit: "orders",
    notes: [`${formatRate(decidedPerSecond)}/s decided`],
  };
}
