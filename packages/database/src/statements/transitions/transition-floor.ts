// Keeps the transitions of orders in an order that never changes and misses nothing: each one that follows the first
// decision gets a number of the orders' sequence, and readers of an event's changes stop at the transition floor
// (number-floor.ts). Its lock is not that of arrivals, because a transition must not delay decisions.
import type { Db } from "../../client.ts";
import { createNumberFloor } from "../orders/number-floor.ts";

/** "OT". */
const transitions = createNumberFloor(0x4f54n);

/** Takes the lock and returns one row. A statement must evaluate it before it draws a number for order_history. */
export const takeTransitionLock = transitions.takeLock;

/** Every transition up to this number is visible to a statement that begins after this one. */
export function readTransitionFloor(db: Db): Promise<number> {
  return transitions.read(db);
}
