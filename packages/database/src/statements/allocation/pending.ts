// Where pending orders are found without an index on the status. Such an index would make every decision write to all
// indexes of `orders`: 1,110 bytes of WAL an order with it, 605 without.
//
// Orders are decided strictly in arrival order (arrival-floor.ts), and each batch stores its last `seq` with its
// buckets and with its ticket types. All pending orders lie above that `seq`: at the end of the bucket's part of
// orders_by_bucket, and at the end of the event's part of orders_by_event.
import { type RawBuilder, sql } from "kysely";

/**
 * A bucket's pending orders, of all its events (packages/domain/src/bucket.ts); for a subquery on `orders` below
 * `buckets`. Order by `event_id & 63, seq` to use the index.
 *
 * Never compare with a "last seen seq" instead: `seq` does not become visible in order.
 */
export const isPendingInBucket = sql<boolean>`orders.event_id & 63 = buckets.bucket AND orders.seq > buckets.decided_seq
        AND orders.status = 'PENDING'`;

/**
 * The `seq` through which all orders of an event are decided: the highest that its ticket types have.
 *
 * @param eventId an expression for the event's id
 */
export function decidedThrough(eventId: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(SELECT coalesce(max(decided_seq), 0) FROM inventory WHERE event_id = ${eventId})`;
}
