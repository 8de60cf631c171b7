// A bar that shows how much of a stock is sold, held and available.
import { type ComponentChild, h } from "preact";
import { formatCount, formatPercent } from "../format.ts";
import type { Stock } from "./stock.ts";

/** The share that is sold or held, in percent. */
export function formatGone({ total, sold, held }: Stock): string {
  return formatPercent(sold + held, total);
}

/** A bar that shows how much is sold, held and left; of what is held, the part whose hold ends within a minute. */
export function StockBar({ stock }: { stock: Stock }): ComponentChild {
  const width = (part: number) => (stock.total === 0 ? 0 : (100 * part) / stock.total);
  const { total, sold, held, expiring, available } = stock;
  const left = `${formatCount(available)} of ${formatCount(total)} left`;
  const soon = expiring === 0 ? "" : ` (${formatCount(expiring)} for less than a minute)`;
  // What a pool that is short keeps from being sold.
  const blocked = Math.max(0, total - sold - held - available);
  const label = `${formatCount(sold)} sold, ${formatCount(held)} held${soon}, ${left}`;
  return h(
    "svg",
    { class: "stock-bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": label },
    h("rect", { class: "left", x: 0, y: 0, width: 100, height: 8 }),
    h("rect", { class: "blocked", x: 100 - width(blocked), y: 0, width: width(blocked), height: 8 }),
    h("rect", { class: "sold", x: 0, y: 0, width: width(sold), height: 8 }),
    h("rect", { class: "held", x: width(sold), y: 0, width: width(held), height: 8 }),
    h("rect", { class: "expiring", x: width(sold + held - expiring), y: 0, width: width(expiring), height: 8 }),
  );
}
