// What was accepted exists, as it was asked for, once; and nothing else does.

import type { Line } from "@onsale/domain/decide";
import { sumLines } from "@onsale/domain/decide";
import type { Faults } from "../../support/faults.ts";
import type { Facts, StoredOrder } from "../facts.ts";
import type { Call, PurchaseAsk } from "../history.ts";

/** An answer after which the key still has no order, if no other request with it had another answer. */
const refusals: readonly number[] = [400, 401, 403, 404, 409, 413, 415, 429];

type PurchaseCall = Call & Readonly<{ ask: PurchaseAsk }>;

/** All purchases, by their key. */
export function purchasesByKey(calls: readonly Call[]): Map<string, PurchaseCall[]> {
  const byKey = new Map<string, PurchaseCall[]>();
  for (const call of calls) {
    const { ask } = call;
    if (ask.kind !== "purchase") continue;
    const own = byKey.get(ask.key) ?? [];
    byKey.set(ask.key, own);
    own.push({ ...call, ask });
  }
  return byKey;
}

/** Compares the purchases of all clients with the orders of the database. */
export function checkAcceptedOrders(calls: readonly Call[], { orders, plentyEvents }: Facts, faults: Faults): void {
  const byKey = new Map<string, StoredOrder>();
  for (const order of orders) {
    if (byKey.has(order.key)) faults.note("one key has two orders", order.key);
    else byKey.set(order.key, order);
  }
  const purchases = purchasesByKey(calls);
  for (const [key, own] of purchases) {
    checkKey(key, own, byKey.get(key), faults);
    if (!own.some(({ ask, result }) => isSoldOut(result) && plentyEvents.includes(ask.body.eventCode))) continue;
    faults.note("a purchase was refused although there were tickets", key);
  }
  for (const order of orders) checkAskedFor(order, purchases.get(order.key) ?? [], faults);
  const ids = new Set(orders.map(({ id }) => id));
  for (const { ask, result } of calls) {
    if (result.kind === "unreadable") faults.note("an answer could not be read", `${ask.kind}: ${result.why}`);
    if (ask.kind === "purchase" || result.kind !== "order" || ids.has(result.order.id)) continue;
    faults.note("an order that was answered is lost", `${ask.kind} ${result.order.id}`);
  }
}

function checkKey(key: string, calls: readonly PurchaseCall[], order: StoredOrder | undefined, faults: Faults): void {
  for (const { ask, result } of calls) {
    if (result.kind !== "order") continue;
    if (order === undefined) faults.note("an accepted order is lost", `${key}: ${result.order.id}`);
    else if (order.id !== result.order.id) {
      faults.note("a key was answered with another order", `${key}: ${result.order.id} and ${order.id}`);
    } else if (!isWanted(order, ask)) {
      faults.note("an accepted order is not what was asked for", `${key}: ${order.id}`);
    }
  }
  const isRefused = calls.every(({ result }) => result.kind === "problem" && refusals.includes(result.status));
  if (order !== undefined && isRefused) faults.note("a refused purchase has an order", `${key}: ${order.id}`);
}

/** Refused before it was recorded. */
function isSoldOut(result: Call["result"]): boolean {
  return result.kind === "problem" && result.code === "sold-out";
}

function checkAskedFor(order: StoredOrder, calls: readonly PurchaseCall[], faults: Faults): void {
  if (calls.some(({ ask }) => isWanted(order, ask))) return;
  faults.note("nobody asked for an order", `${order.key}: ${order.id}`);
}

function isWanted(order: StoredOrder, { body }: PurchaseAsk): boolean {
  return (
    body.eventCode === order.eventCode &&
    (body.customerRef ?? null) === order.customerRef &&
    textOf(linesOf(body)) === textOf(order.requested)
  );
}

/** The lines that a purchase asks for. */
function linesOf({ items, ticketType = "", quantity = 0 }: PurchaseAsk["body"]): readonly Line[] {
  return items ?? [{ ticketType, quantity }];
}

/** The same text for the same tickets. */
function textOf(lines: readonly Line[]): string {
  return sumLines(lines)
    .map(({ ticketType, quantity }) => `${ticketType} ${quantity}`)
    .sort()
    .join(", ");
}
