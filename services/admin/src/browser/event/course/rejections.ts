// Why orders of an event were rejected.
import { type ComponentChild, h } from "preact";
import type { SaleHistory } from "../../../console/messages/event-messages.ts";
import { formatCount, formatPercent } from "../../format.ts";
import { Loading, Panel } from "../../parts/panel.ts";
import { number, table, text } from "../../parts/table.ts";

export function EventRejections({ history }: Readonly<{ history: SaleHistory | undefined }>): ComponentChild {
  return h(Panel, { title: "Rejected orders" }, history === undefined ? h(Loading, null) : drawReasons(history));
}

function drawReasons({ rejections, decidedCount, isComplete }: SaleHistory): ComponentChild {
  if (rejections.length === 0) {
    return h("p", { class: "quiet" }, isComplete ? "No order was rejected." : "Reading the orders …");
  }
  const rejected = rejections.reduce((sum, { orders }) => sum + orders, 0);
  const share = formatPercent(rejected, decidedCount);
  const rows = rejections.map(({ reason, words, orders }) => ({
    key: reason,
    cells: [text(words), number(formatCount(orders)), number(formatPercent(orders, decidedCount))],
  }));
  return h(
    "div",
    null,
    table(["Reason", "Orders", "Share"], rows),
    h(
      "p",
      { class: "quiet small" },
      `${formatCount(rejected)} of ${formatCount(decidedCount)} decided orders: ${share}. `,
      "Purchases that were turned away at once are no orders; the overview counts them.",
    ),
  );
}
