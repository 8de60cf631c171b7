// How much is waiting, for the gauges. No locks. Indexes used: the end of each bucket's part of orders_by_bucket.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { isPendingInBucket } from "./bucket.ts";

export type PendingSummary = Readonly<{ count: number; oldestAgeSeconds: number }>;

/** The age is 0 when nothing is pending. */
export async function summarisePending(db: Db): Promise<PendingSummary> {
  const { rows } = await sql<PendingSummary>`
    SELECT coalesce(sum(waiting.count), 0)::bigint AS count,
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(waiting.since)), 0))::float8
             AS "oldestAgeSeconds"
    FROM buckets CROSS JOIN LATERAL (
      SELECT count(*) AS count, min(created_at) AS since FROM orders WHERE ${isPendingInBucket}
    ) AS waiting`.execute(db);
  return rows[0] ?? { count: 0, oldestAgeSeconds: 0 };
}
