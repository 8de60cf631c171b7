// Decides an event's orders again, to find decisions that arrival order and stock do not explain; pure.
import { allocate, type Demand } from "./allocate.ts";

/** A ticket type's total from the order after `afterSeq` on. */
export type TotalChange = Readonly<{ ticketType: string; total: number; afterSeq: number }>;

/** An order of an event that has its first decision. */
export type DecidedOrder = Demand & Readonly<{ seq: number; status: string; reason: string | null }>;

/**
 * Replays an event's first decisions in arrival order, to check whether stock and arrival order alone explain each of
 * them (invariant 5, docs/invariants.md). Orders that were rejected with `internal-error` took no stock and are
 * skipped. The replay compares an order's status with its first decision, so it relies on first decisions being final,
 * as they are today.
 *
 * @param changes every total that the event's ticket types ever had, oldest first
 * @returns a function that takes the decided orders one by one, by rising `seq`, and returns a sentence about what is
 *   wrong with the decision, or null
 */
export function createReplay(changes: readonly TotalChange[]): (order: DecidedOrder) => string | null {
  const byType = Map.groupBy(changes, (change) => change.ticketType);
  const allocatedByType = new Map<string, number>();

  return (order) => {
    if (order.status === "REJECTED" && order.reason === "internal-error") return null;
    const total = byType.get(order.ticketType)?.findLast((change) => change.afterSeq < order.seq)?.total;
    if (total === undefined) return `order ${order.seq} was decided before ${order.ticketType} had stock`;
    const allocated = allocatedByType.get(order.ticketType) ?? 0;
    const [expected] = allocate(new Map([[order.ticketType, total - allocated]]), [order]);
    if (order.status === "CONFIRMED") allocatedByType.set(order.ticketType, allocated + order.quantity);
    if (expected?.status === order.status && expected.reason === order.reason) return null;
    const was = `${order.status}${order.reason === null ? "" : ` (${order.reason})`}`;
    return `order ${order.seq} is ${was} with ${total - allocated} ${order.ticketType} left for ${order.quantity}`;
  };
}
