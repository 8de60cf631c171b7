// Keeps decisions in arrival order across several gateways. An earlier order than a visible one may still be invisible,
// and to decide the later one first would break invariant 5 of docs/invariants.md (decisions follow arrival). Every
// insert of orders or late payments takes the arrival lock, and only what lies at or below the arrival floor is decided
// (number-floor.ts).
//
// Two other ways were rejected on paper: an exclusive lock per event around reading (every batch would wait for the
// inserts in flight, and they for it), and ordering by transaction id (one long transaction anywhere in the server
// would stop all sales).
import type { Db } from "../../client.ts";
import { createNumberFloor } from "./number-floor.ts";

/** "ON". */
const arrivals = createNumberFloor(0x4f4en);

/** Takes the lock and returns one row. A statement must evaluate it before it draws a `seq`. */
export const takeArrivalLock = arrivals.takeLock;

/**
 * Reads the arrival floor; 0 when no order may be decided. Only orders up to it may be decided, by a statement that
 * begins after this one.
 */
export function readArrivalFloor(db: Db): Promise<number> {
  return arrivals.read(db);
}
