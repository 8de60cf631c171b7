// An event's orders are decided strictly in arrival order (arrival-floor.ts), and each batch leaves its last `seq` with the
// ticket types that it concerned. So all of an event's orders up to the highest of those are decided, and what is pending
// lies above: the end of orders_by_event is the way to it. An index on what is pending would make every decision write
// to all indexes; without one it writes to none (1,110 bytes of WAL an order with it, 605 without).
import { type RawBuilder, sql } from "kysely";

/** @param eventId an expression for the event's id */
export function isUndecided(eventId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`orders.event_id = ${eventId} AND orders.status = 'PENDING'
    AND orders.seq > (SELECT coalesce(max(decided_seq), 0) FROM inventory WHERE event_id = ${eventId})`;
}
