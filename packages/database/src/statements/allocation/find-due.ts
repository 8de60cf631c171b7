// Finds the buckets and events with tickets to put on sale again, and when the next hold of each bucket expires. No
// locks. Indexes used: holds_due, returns_by_bucket; of the buckets, the beginning of each one's part of them.
import { bucketCount } from "@onsale/domain/bucket";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type DueBucket = Readonly<{
  bucket: number;
  /** In how many milliseconds tickets are due; 0 or less when they are now. */
  dueInMs: number;
}>;

/** The buckets that have holds or returns. */
export async function findDue(db: Db): Promise<DueBucket[]> {
  const { rows } = await sql<DueBucket>`
    SELECT bucket, "dueInMs" FROM generate_series(0, ${bucketCount - 1}::int) AS bucket
    CROSS JOIN LATERAL (
      SELECT CASE WHEN EXISTS (SELECT FROM returns WHERE event_id & 63 = bucket) THEN 0
                  ELSE (SELECT (extract(epoch FROM expires_at - clock_timestamp()) * 1000)::float8 FROM holds
                        WHERE event_id & 63 = bucket ORDER BY event_id & 63, expires_at LIMIT 1) END AS "dueInMs"
    ) AS due
    WHERE "dueInMs" IS NOT NULL`.execute(db);
  return rows;
}

/** The events of some buckets that have due holds or returns. Reads all of these, so it is for the worst case only. */
export async function findDueEvents(db: Db, buckets: readonly number[]): Promise<number[]> {
  const { rows } = await sql<{ eventId: number }>`
    SELECT DISTINCT due.event_id AS "eventId" FROM unnest(${[...buckets]}::int[]) AS bucket CROSS JOIN LATERAL (
      SELECT event_id FROM holds WHERE event_id & 63 = bucket AND expires_at <= clock_timestamp()
      UNION ALL
      SELECT event_id FROM returns WHERE event_id & 63 = bucket
    ) AS due
    ORDER BY "eventId"`.execute(db);
  return rows.map(({ eventId }) => eventId);
}
