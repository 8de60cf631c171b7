// Counts the tickets that are held, and reads for how long the oldest due hold has waited, for the gauges. No locks.
// Reads all of holds, which has the holds of some minutes; the age has the beginning of each bucket's part of holds_due.
import { bucketCount } from "@onsale/domain/bucket";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type HoldSummary = Readonly<{
  /** Tickets of holds, those that are due too. */
  ticketCount: number;
  /** How long ago the hold expired that is due for the longest time; 0 when none is due. */
  oldestDueAgeSeconds: number;
}>;

export async function summariseHolds(db: Db): Promise<HoldSummary> {
  const { rows } = await sql<HoldSummary>`
    SELECT (SELECT coalesce(sum(quantity), 0) FROM holds)::bigint AS "ticketCount",
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(first.expires_at)), 0))::float8
             AS "oldestDueAgeSeconds"
    FROM generate_series(0, ${bucketCount - 1}::int) AS bucket CROSS JOIN LATERAL (
      SELECT expires_at FROM holds WHERE event_id & 63 = bucket ORDER BY event_id & 63, expires_at LIMIT 1
    ) AS first`.execute(db);
  return rows[0] ?? { ticketCount: 0, oldestDueAgeSeconds: 0 };
}
