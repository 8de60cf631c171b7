// Counts the pending orders of each event that has some, and reads the age of its oldest: what a gateway compares with
// its limits (services/gateway/src/overload/backlog.ts). No locks. Indexes used: buckets_newest; orders_by_bucket, the
// end of each bucket's part of it. One scan for all events: counting them one by one cost more than selling.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { allBuckets, isPendingInBucket } from "./pending.ts";

export type EventBacklog = Readonly<{ eventId: number; count: number; oldestAgeSeconds: number }>;

/** Events without pending orders are missing. */
export async function countBacklog(db: Db): Promise<EventBacklog[]> {
  const { rows } = await sql<EventBacklog>`
    SELECT pending.event_id AS "eventId", count(*) AS count,
           greatest(0, extract(epoch FROM clock_timestamp() - min(pending.created_at)))::float8 AS "oldestAgeSeconds"
    FROM ${allBuckets} CROSS JOIN LATERAL (
      -- Ordered, as in summarise-pending.ts: otherwise another index can look as cheap, and is then read as a whole.
      SELECT event_id, created_at FROM orders WHERE ${isPendingInBucket} ORDER BY event_id & 63, seq OFFSET 0
    ) AS pending
    GROUP BY pending.event_id`.execute(db);
  return rows;
}
