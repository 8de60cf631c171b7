// Where pending orders are found without an index on the status. Such an index would make every decision write to all
// indexes of `orders`: 1,110 bytes of WAL an order with it, 605 without.
//
// Orders are decided strictly in arrival order (arrival-floor.ts), and each batch stores its last `seq` with its
// buckets. All pending orders lie above that `seq`: at the end of the bucket's part of orders_by_bucket, and at the end
// of the event's part of orders_by_event.
import { bucketCount } from "@onsale/domain/bucket";
import { type RawBuilder, sql } from "kysely";
import { bucketRow } from "../newest.ts";

/**
 * A bucket's pending orders, of all its events (packages/domain/src/bucket.ts); for a subquery on `orders` below
 * `buckets`. Order by `event_id & 63, seq` to use the index.
 *
 * Never compare with a "last seen seq" instead: `seq` does not become visible in order.
 */
export const isPendingInBucket = sql<boolean>`orders.event_id & 63 = buckets.bucket AND orders.seq > buckets.decided_seq
        AND orders.status = 'PENDING'`;

const bucketColumns = sql`bucket, decided_seq`;

/**
 * Items of a FROM clause that name the rows of some buckets `buckets`.
 *
 * @param numbers a set of the buckets' numbers, each of them once
 */
export function bucketsIn(numbers: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${numbers} AS requested (bucket)
      CROSS JOIN LATERAL ${bucketRow(bucketColumns, sql`requested.bucket`)} AS buckets`;
}

/** As `bucketsIn`, for all buckets. */
export const allBuckets = bucketsIn(sql`generate_series(0, ${sql.raw(String(bucketCount - 1))})`);

/**
 * The `seq` through which all orders of an event are decided, as those of its bucket are.
 *
 * @param eventId an expression for the event's id
 */
export function decidedThrough(eventId: RawBuilder<unknown>): RawBuilder<unknown> {
  return bucketRow(sql`decided_seq`, sql`${eventId} & 63`);
}
