// How much is waiting, for the gauges. No locks. Index used: orders_pending, all of it.
import { sql } from "kysely";
import type { Db } from "../client.ts";

export type PendingSummary = Readonly<{ count: number; oldestAgeSeconds: number }>;

/** The age is 0 when nothing is pending. */
export async function summarisePending(db: Db): Promise<PendingSummary> {
  const { rows } = await sql<PendingSummary>`
    SELECT count(*) AS count,
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0))::float8 AS "oldestAgeSeconds"
    FROM orders WHERE status = 'PENDING'`.execute(db);
  return rows[0] ?? { count: 0, oldestAgeSeconds: 0 };
}
