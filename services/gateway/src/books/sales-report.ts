// Adds up the transitions of an event to its sales report; pure.
import type { SalesInterval, SalesMovements, SalesReport } from "@onsale/contracts/books";
import type { OrderStatus } from "@onsale/contracts/order";
import type { Money } from "@onsale/contracts/price";
import type { SalesRow } from "@onsale/database/statements/events/summarise-sales";
import { type Movement, movementsOf } from "@onsale/domain/ticket-movements";

type Sums = Record<Movement, number> & {
  readonly revenue: Map<string, number>;
  readonly refunds: Map<string, number>;
  readonly rejected: Map<string, { orders: number; tickets: number }>;
};

type Line = Readonly<{ startSeconds: number; ticketType: string; sums: Sums }>;

export type SalesReportHead = Readonly<{
  eventCode: string;
  at: Date;
  from: Date | null;
  to: Date | null;
  interval: SalesInterval;
}>;

/** Collects rows; `lineCount` is how many lines the report would have. */
export function createSalesReport() {
  const lines = new Map<string, Line>();
  const totals = new Map<string, Sums>();
  const orderCounts = new Map<OrderStatus, number>();

  function lineOf({ startSeconds, ticketType }: SalesRow): Line {
    const key = `${startSeconds} ${ticketType}`;
    const known = lines.get(key);
    if (known !== undefined) return known;
    const line = { startSeconds, ticketType, sums: emptySums() };
    lines.set(key, line);
    return line;
  }

  function totalOf({ ticketType }: SalesRow): Sums {
    const known = totals.get(ticketType);
    if (known !== undefined) return known;
    const sums = emptySums();
    totals.set(ticketType, sums);
    return sums;
  }

  return {
    add: (row: SalesRow): void => {
      addRow(lineOf(row).sums, row);
      addRow(totalOf(row), row);
      if (row.isPartial) return;
      orderCounts.set(row.to, (orderCounts.get(row.to) ?? 0) + row.orderCount);
      orderCounts.set(row.from, (orderCounts.get(row.from) ?? 0) - row.orderCount);
    },
    lineCount: () => lines.size,
    finish: ({ eventCode, at, from, to, interval }: SalesReportHead): SalesReport => {
      // By the name of a status, because not every version knows all of them.
      const counts = new Map<string, number>(orderCounts);
      const countOf = (status: string) => counts.get(status) ?? 0;
      return {
        eventCode,
        at: at.toISOString(),
        from: from?.toISOString() ?? null,
        to: to?.toISOString() ?? null,
        interval,
        orders: {
          waiting: countOf("WAITING"),
          held: countOf("HELD"),
          confirmed: countOf("CONFIRMED"),
          rejected: countOf("REJECTED"),
          expired: countOf("EXPIRED"),
          cancelled: countOf("CANCELLED"),
        },
        totals: [...totals]
          .sort(([a], [b]) => compare(a, b))
          .map(([ticketType, sums]) => presentTotal(ticketType, sums)),
        content: [...lines.values()]
          .sort((a, b) => a.startSeconds - b.startSeconds || compare(a.ticketType, b.ticketType))
          .map(presentLine),
      };
    },
  };
}

function addRow(sums: Sums, row: SalesRow): void {
  const { reason, tickets, amount, currency, transitionCount } = row;
  const movements = movementsOf(row);
  for (const movement of movements) sums[movement] += tickets;
  if (row.to === "REJECTED" && reason !== null) {
    const before = sums.rejected.get(reason) ?? { orders: 0, tickets: 0 };
    sums.rejected.set(reason, { orders: before.orders + transitionCount, tickets: before.tickets + tickets });
  }
  if (amount === null || currency === null) return;
  if (movements.includes("sold")) sums.revenue.set(currency, (sums.revenue.get(currency) ?? 0) + amount);
  if (movements.includes("cancelled")) sums.refunds.set(currency, (sums.refunds.get(currency) ?? 0) + amount);
}

function emptySums(): Sums {
  const tickets = { held: 0, sold: 0, soldFromHold: 0, released: 0, expired: 0, cancelled: 0 };
  return { ...tickets, revenue: new Map(), refunds: new Map(), rejected: new Map() };
}

function presentTotal(ticketType: string, sums: Sums): SalesReport["totals"][number] {
  const netSold = sums.sold - sums.cancelled;
  const netHeld = sums.held - sums.soldFromHold - sums.released - sums.expired;
  return { ticketType, netSold, netHeld, ...presentSums(sums) };
}

function presentLine({ startSeconds, ticketType, sums }: Line): SalesReport["content"][number] {
  return { start: new Date(startSeconds * 1_000).toISOString(), ticketType, ...presentSums(sums) };
}

function presentSums({ revenue, refunds, rejected, ...tickets }: Sums): SalesMovements {
  return {
    ...tickets,
    rejected: [...rejected]
      .map(([reason, counts]) => ({ reason, ...counts }))
      .sort((a, b) => compare(a.reason, b.reason)),
    revenue: presentMoney(revenue),
    refunds: presentMoney(refunds),
  };
}

function presentMoney(amounts: ReadonlyMap<string, number>): Money[] {
  return [...amounts]
    .map(([currency, amount]) => ({ amount, currency }))
    .sort((a, b) => compare(a.currency, b.currency));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
