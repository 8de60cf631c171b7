// Reads the age of the oldest undelivered webhook, for the gauge. No locks. Index used: webhook_deliveries_due; the
// outbox is short.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** Seconds since the oldest outbox row or pending delivery of an enabled endpoint was written; 0 without any. */
export async function oldestUndeliveredAge(db: Db): Promise<number> {
  const { rows } = await sql<{ ageSeconds: number }>`
    SELECT greatest(0, coalesce(extract(epoch FROM clock_timestamp() - least(
      (SELECT min(created_at) FROM outbox),
      (SELECT min(d.created_at) FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id
       WHERE d.status = 'PENDING' AND w.disabled_at IS NULL))), 0))::float8 AS "ageSeconds"`.execute(db);
  return rows[0]?.ageSeconds ?? 0;
}
