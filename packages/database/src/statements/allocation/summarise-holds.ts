// Counts the tickets that are held, and reads for how long the oldest due hold and return have waited, for the gauges
// and for `onsale doctor`. No locks. Reads all of holds, which has the holds of some minutes; the ages are at the
// beginning of each bucket's part of holds_due and of the primary key of returns.
import { bucketCount } from "@onsale/domain/bucket";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type HoldSummary = Readonly<{
  /** Tickets of holds, those that are due too. */
  ticketCount: number;
  /** How long ago the hold expired that is due for the longest time; 0 when none is due. */
  oldestDueAgeSeconds: number;
  /** The age of the oldest return that is not applied; 0 when there is none. */
  oldestReturnAgeSeconds: number;
}>;

export async function summariseHolds(db: Db): Promise<HoldSummary> {
  const { rows } = await sql<HoldSummary>`
    SELECT (SELECT coalesce(sum(quantity), 0) FROM holds)::bigint AS "ticketCount",
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(first.expires_at)), 0))::float8
             AS "oldestDueAgeSeconds",
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - (
             SELECT created_at FROM returns ORDER BY id LIMIT 1)), 0))::float8 AS "oldestReturnAgeSeconds"
    FROM generate_series(0, ${bucketCount - 1}::int) AS bucket CROSS JOIN LATERAL (
      SELECT expires_at FROM holds WHERE event_id & 63 = bucket ORDER BY event_id & 63, expires_at LIMIT 1
    ) AS first`.execute(db);
  return rows[0] ?? { ticketCount: 0, oldestDueAgeSeconds: 0, oldestReturnAgeSeconds: 0 };
}
