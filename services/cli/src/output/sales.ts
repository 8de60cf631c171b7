// A sales report as text for people.
import type { SalesMovements, SalesReport } from "@onsale/contracts/books";
import { renderTable } from "./table.ts";
import { count, money, time } from "./text.ts";

const columns = ["sold", "held", "released", "expired", "cancelled", "rejected", "revenue", "refunds"].map((head) => ({
  head,
  isFigure: true,
}));

/** The report's lines and its totals, as tables. */
export function renderSales({ at, interval, orders, totals, content }: SalesReport): string {
  const lineColumns = [{ head: interval }, { head: "ticket type" }, ...columns];
  const lines = content.map((line) => [time(line.start), line.ticketType, ...figures(line)]);
  const totalColumns = [{ head: "in all" }, ...columns, figure("net sold"), figure("net held")];
  const sums = totals.map((total) => [total.ticketType, ...figures(total), count(total.netSold), count(total.netHeld)]);
  const statuses = Object.entries(orders).map(([status, number]) => `${count(number)} ${status}`);
  return [
    renderTable(lineColumns, lines, "Nothing was sold, held or rejected in this time."),
    ...(sums.length === 0 ? [] : [renderTable(totalColumns, sums, "")]),
    `Orders: ${statuses.join(", ")}. Read at ${time(at)}.`,
  ].join("\n\n");
}

const figure = (head: string) => ({ head, isFigure: true });

function figures({ sold, held, released, expired, cancelled, rejected, revenue, refunds }: SalesMovements): string[] {
  const rejectedTickets = rejected.reduce((sum, { tickets }) => sum + tickets, 0);
  return [
    ...[sold, held, released, expired, cancelled, rejectedTickets].map((tickets) =>
      tickets === 0 ? "–" : count(tickets),
    ),
    ...[revenue, refunds].map((amounts) => (amounts.length === 0 ? "–" : amounts.map(money).join(" + "))),
  ];
}
