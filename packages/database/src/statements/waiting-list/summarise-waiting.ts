// Counts the orders that wait, and reads for how long the oldest due offer has waited, for the gauges. No locks. Reads
// all of the primary key of waiting (100,000 orders take 10 ms), and inventory_newest for each event that has some.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOf } from "../newest.ts";

export type WaitingSummary = Readonly<{
  orderCount: number;
  /** For how long something is left that an event's waiting list was not looked through for; 0 when nothing is. */
  oldestDueAgeSeconds: number;
}>;

export async function summariseWaiting(db: Db): Promise<WaitingSummary> {
  const { rows } = await sql<WaitingSummary>`
    SELECT coalesce(sum(own.count), 0)::bigint AS "orderCount",
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(pool.offer_due_since)), 0))::float8
             AS "oldestDueAgeSeconds"
    FROM (SELECT event_id, count(*) FROM waiting GROUP BY event_id) AS own
    CROSS JOIN LATERAL ${stockOf(sql`offer_due_since`, sql`own.event_id`, sql`'event'`)} AS pool`.execute(db);
  return rows[0] ?? { orderCount: 0, oldestDueAgeSeconds: 0 };
}
