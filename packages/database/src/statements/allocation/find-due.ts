// Finds the buckets with tickets to put on sale again, and when the next hold of each expires. No locks. Indexes used:
// holds_due, returns_by_bucket; the beginning of each bucket's part of them.
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
