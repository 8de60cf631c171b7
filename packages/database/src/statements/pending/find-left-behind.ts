// Finds buckets whose first pending order or late payment is old, for the reconciler. No locks. Indexes used:
// buckets_newest; orders_by_bucket, the end of each bucket's part of it; payments_undecided: 128 probes, however many
// events there are.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { allBuckets, isPendingInBucket } from "./pending.ts";

/** A bucket, and its first pending order. */
export type LeftBehind = Readonly<{ bucket: number; seq: number }>;

/** The buckets that have had a pending order for longer than `ageMs`, in the order of their numbers. */
export async function findLeftBehind(db: Db, ageMs: number): Promise<LeftBehind[]> {
  const { rows } = await sql<LeftBehind>`
    SELECT buckets.bucket, first.seq FROM ${allBuckets} CROSS JOIN LATERAL (
      (SELECT seq, created_at FROM orders
       WHERE ${isPendingInBucket}
       ORDER BY event_id & 63, seq LIMIT 1)
      UNION ALL
      (SELECT seq, created_at FROM payments
       WHERE event_id & 63 = buckets.bucket AND outcome IS NULL
       ORDER BY event_id & 63, seq LIMIT 1)
      ORDER BY seq LIMIT 1
    ) AS first
    WHERE first.created_at < clock_timestamp() - ${ageMs}::float8 * interval '1 millisecond'
    ORDER BY buckets.bucket`.execute(db);
  return rows;
}
