// Finds the endpoints that have deliveries to send now. No locks. Index used: webhook_deliveries_due, one probe an
// endpoint.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** Ids of enabled endpoints with a pending delivery that is due. */
export async function findDueEndpoints(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT w.id FROM webhook_endpoints w
    WHERE w.disabled_at IS NULL AND EXISTS (
      SELECT FROM webhook_deliveries d
      WHERE d.endpoint_id = w.id AND d.status = 'PENDING' AND d.next_attempt_at <= clock_timestamp())`.execute(db);
  return rows.map((row) => row.id);
}
