// The orders of a bucket (packages/domain/src/bucket.ts) are decided strictly in arrival order (arrival-floor.ts), and each
// batch leaves its last `seq` with the bucket. So what is pending lies above that: the end of the bucket's part of
// orders_by_bucket is the way to it, for all events of the bucket at once.
import { type RawBuilder, sql } from "kysely";

/**
 * A bucket's pending orders; for a subquery on `orders` below `buckets`. Order by `event_id & 63, seq` for the index.
 *
 * Never above a "last seen seq" of one's own: `seq` does not become visible in order.
 */
export const isPendingInBucket: RawBuilder<boolean> = sql<boolean>`
  orders.event_id & 63 = buckets.bucket AND orders.seq > buckets.decided_seq AND orders.status = 'PENDING'`;
