// Counts all pending orders and reads the age of the oldest, for the gauges. No locks. Indexes used: buckets_newest;
// orders_by_bucket, the end of each bucket's part of it.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { allBuckets, isPendingInBucket } from "./pending.ts";

export type PendingSummary = Readonly<{ count: number; oldestAgeSeconds: number }>;

/** The age is 0 when nothing is pending. */
export async function summarisePending(db: Db): Promise<PendingSummary> {
  const { rows } = await sql<PendingSummary>`
    SELECT coalesce(sum(pending.count), 0)::bigint AS count,
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(pending.oldest)), 0))::float8
             AS "oldestAgeSeconds"
    FROM ${allBuckets} CROSS JOIN LATERAL (
      SELECT count(*) AS count, min(created_at) AS oldest
      -- Without an order to keep, another index can look as cheap, and is then read as a whole for each bucket.
      FROM (SELECT created_at FROM orders WHERE ${isPendingInBucket} ORDER BY event_id & 63, seq OFFSET 0) AS first
    ) AS pending`.execute(db);
  return rows[0] ?? { count: 0, oldestAgeSeconds: 0 };
}
