// What must be true of every sale with such rules, whoever bought what. Each function notes violations in the ledger.

import type { Order } from "@onsale/contracts/order";
import { hasTickets } from "@onsale/domain/order-status";
import type { Ledger } from "../ledger.ts";
import type { ChangeOfEvent, Facts } from "./scenario.ts";

/** Each accepted order is there once, and no other. */
export function checkNothingLost(ledger: Ledger, slotCount: number, { orders }: Pick<Facts, "orders">): void {
  const found = new Set(orders.map(({ id }) => id));
  for (let slot = 0; slot < slotCount; slot++) {
    const id = ledger.idOf(slot);
    if (id !== undefined && !found.delete(id)) ledger.noteFault("an accepted order is lost", id);
  }
  // Who was stopped may have an order without knowing it.
  if (found.size > 0 && ledger.counts.retried === 0) ledger.noteFault("an order belongs to nobody", [...found].join());
  for (const { id, status } of orders) {
    if (status === "PENDING") ledger.noteFault("an order was not decided in time", id);
  }
}

/** No ticket type is oversold, and none of the pools behind them. */
export function checkPools(ledger: Ledger, { event, inventory, orders }: Facts): void {
  const drawn = ticketsByType(orders);
  for (const { ticketType, total, sold, held } of inventory) {
    const inOrders = drawn.get(ticketType) ?? 0;
    if (inOrders > total) ledger.noteFault("oversold", `${ticketType}: ${inOrders} of ${total}`);
    if (sold + held > total) ledger.noteFault("the stock does not add up", ticketType);
  }
  for (const { name, total, available } of event.pools) {
    const types = event.ticketTypes.filter(({ pools = [] }) => pools.includes(name));
    const inOrders = types.reduce((sum, { ticketType }) => sum + (drawn.get(ticketType) ?? 0), 0);
    // The pool was read before the orders: tickets may have come back since, but none were drawn.
    if (inOrders + available > total || available < 0) {
      ledger.noteFault("a pool is overdrawn", `${name}: ${inOrders} in orders, ${available} left of ${total}`);
    }
  }
}

/** An order has all that it asked for, or nothing: what it gave back is no longer in it. */
export function checkWholeBaskets(ledger: Ledger, orders: readonly Order[]): void {
  for (const { id, status, items, requestedItems } of orders) {
    if (status !== "CONFIRMED") continue;
    const missing = requestedItems.filter(({ ticketType }) => !items.some((item) => item.ticketType === ticketType));
    const missingCount = missing.reduce((sum, { quantity }) => sum + quantity, 0);
    // Nobody gives more than one ticket back.
    if (missingCount > 1) ledger.noteFault("a basket was bought in part", id);
  }
}

type CountedOrder = Readonly<{
  customerRef: string | null;
  status: Order["status"];
  items: readonly Readonly<{ quantity: number }>[];
}>;

/** No customer has more tickets than the limit, orders that wait included. */
export function checkCustomers(ledger: Ledger, orders: readonly CountedOrder[], limit: number): void {
  const byCustomer = Map.groupBy(orders, ({ customerRef }) => customerRef);
  for (const [customer, own] of byCustomer) {
    const counted = own.filter(({ status }) => hasTickets(status) || status === "WAITING");
    const count = counted.flatMap(({ items }) => items).reduce((sum, { quantity }) => sum + quantity, 0);
    if (count > limit) ledger.noteFault("a customer has more than the limit", `${customer}: ${count} of ${limit}`);
  }
}

/** Each offer went to the first in line at that moment. */
export function checkLine(ledger: Ledger, changes: readonly ChangeOfEvent[]): void {
  const line = new Set<string>();
  for (const { orderId, from, to } of changes) {
    if (to === "WAITING") line.add(orderId);
    if (from !== "WAITING") continue;
    const [first] = line;
    if (to === "HELD" && first !== orderId) ledger.noteFault("an offer passed the first in line", orderId);
    line.delete(orderId);
  }
}

function ticketsByType(orders: readonly Order[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { ticketType, quantity } of orders
    .filter(({ status }) => hasTickets(status))
    .flatMap(({ items }) => items)) {
    sums.set(ticketType, (sums.get(ticketType) ?? 0) + quantity);
  }
  return sums;
}
