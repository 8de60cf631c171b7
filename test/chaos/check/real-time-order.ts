// First come, first served, as the clients can tell: who was answered before another one asked is before them.
import type { Faults } from "../../support/faults.ts";
import type { Facts, StoredOrder } from "../facts.ts";
import type { Call } from "../history.ts";
import { purchasesByKey } from "./accepted-orders.ts";

type Seen = {
  /** When the first purchase with its key was sent. */
  askedMs: number;
  /** When an answer first told of the order. */
  answeredMs: number;
  /** When an answer first told its decision. */
  decidedMs: number;
  /** When the last request was sent whose answer told that it is pending. */
  pendingMs: number;
};

/** Compares the arrival order of the database with the times of the clients, event by event. */
export function checkRealTimeOrder(calls: readonly Call[], { orders }: Facts, faults: Faults): void {
  const seen = seenById(calls, orders);
  for (const own of Map.groupBy(orders, ({ eventCode }) => eventCode).values()) {
    const bySeq = own.toSorted((a, b) => a.seq - b.seq);
    checkArrivals(bySeq, seen, faults);
    checkDecisions(bySeq, seen, faults);
  }
}

function seenById(calls: readonly Call[], orders: readonly StoredOrder[]): Map<string, Seen> {
  const purchases = purchasesByKey(calls);
  const seen = new Map<string, Seen>();
  for (const { id, key } of orders) {
    const askedMs = Math.min(...(purchases.get(key) ?? []).map(({ beganMs }) => beganMs));
    seen.set(id, { askedMs, answeredMs: Infinity, decidedMs: Infinity, pendingMs: -Infinity });
  }
  for (const { beganMs, endedMs, result } of calls) {
    const own = result.kind === "order" ? seen.get(result.order.id) : undefined;
    if (own === undefined || result.kind !== "order") continue;
    own.answeredMs = Math.min(own.answeredMs, endedMs);
    if (result.order.status === "PENDING") own.pendingMs = Math.max(own.pendingMs, beganMs);
    else own.decidedMs = Math.min(own.decidedMs, endedMs);
  }
  return seen;
}

/** @param orders of one event, by rising `seq` */
function checkArrivals(orders: readonly StoredOrder[], seen: ReadonlyMap<string, Seen>, faults: Faults): void {
  let latest: Readonly<{ id: string; askedMs: number }> = { id: "", askedMs: -Infinity };
  let decidedAtMs = -Infinity;
  for (const { id, decidedAtMs: ownMs } of orders) {
    const own = seen.get(id);
    if (own === undefined) continue;
    if (own.answeredMs < latest.askedMs) {
      faults.note("an order overtook one that was answered before it was sent", `${latest.id} overtook ${id}`);
    }
    if (own.askedMs > latest.askedMs && Number.isFinite(own.askedMs)) latest = { id, askedMs: own.askedMs };
    if (ownMs === null) continue;
    if (ownMs < decidedAtMs) faults.note("an order was decided before an earlier one", id);
    decidedAtMs = Math.max(decidedAtMs, ownMs);
  }
}

/** @param orders of one event, by rising `seq` */
function checkDecisions(orders: readonly StoredOrder[], seen: ReadonlyMap<string, Seen>, faults: Faults): void {
  let first: Readonly<{ id: string; decidedMs: number }> = { id: "", decidedMs: Infinity };
  for (const { id } of orders.toReversed()) {
    const own = seen.get(id);
    if (own === undefined) continue;
    if (own.pendingMs > first.decidedMs) {
      faults.note("an order was pending while a later one was decided", `${id}, and ${first.id} was decided`);
    }
    if (own.decidedMs < first.decidedMs) first = { id, decidedMs: own.decidedMs };
  }
}
