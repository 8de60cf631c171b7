// How many tickets are left, by the orders that have some.
import { countOf, hasTickets, type ModelOrder, type Sale } from "./sale.ts";

export type Stock = Readonly<{ ticketType: string; total: number; sold: number; held: number; available: number }>;

/** How much is left for the next order; each counter can be below zero when a limit was lowered. */
export type Room = Readonly<{ types: Readonly<Record<string, number>>; pool: number; customer: number }>;

/** @param orders of all events */
export function roomOf(sale: Sale, orders: readonly ModelOrder[], customer: string | null): Room {
  const { code, totals, pool, maxPerCustomer } = sale;
  const items = orders.filter((order) => order.code === code && hasTickets(order));
  const drawn = items.flatMap((order) => order.items);
  const own = items.filter((order) => order.demand.customer === customer).flatMap((order) => order.items);
  const types = Object.entries(totals).map(([type, total]) => [type, total - countOf(drawn, type)]);
  return {
    types: Object.fromEntries(types),
    pool: pool === null ? Infinity : pool - countOf(drawn),
    customer: maxPerCustomer === null ? Infinity : customer === null ? 0 : maxPerCustomer - countOf(own),
  };
}

/** The stock as the API tells it, sorted by ticket type. */
export function stockOf(sale: Sale, orders: readonly ModelOrder[]): readonly Stock[] {
  const { types, pool } = roomOf(sale, orders, null);
  const own = orders.filter((order) => order.code === sale.code);
  const sum = (status: ModelOrder["status"], type: string) =>
    countOf(
      own.filter((order) => order.status === status).flatMap((order) => order.items),
      type,
    );
  return Object.entries(sale.totals)
    .map(([ticketType, total]) => ({
      ticketType,
      total,
      sold: sum("CONFIRMED", ticketType),
      held: sum("HELD", ticketType),
      available: Math.min(types[ticketType] ?? 0, pool),
    }))
    .sort((a, b) => (a.ticketType < b.ticketType ? -1 : 1));
}
