// Makes a delivery that no order stands behind, and announces it. Locks: the endpoint's row, against
// its being deleted meanwhile. A second run makes
// another one. The caller has checked whose the endpoint is.
import { sql } from "kysely";
import { webhooksChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";

/** @returns the delivery's id; undefined when the endpoint is gone */
export async function createPing(db: Db, endpointId: string, body: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO webhook_deliveries (endpoint_id, type, body)
    SELECT id, 'webhook.ping', ${body} FROM webhook_endpoints WHERE id = ${endpointId}::uuid FOR KEY SHARE
    RETURNING id, pg_notify(${webhooksChannel}, endpoint_id::text)`.execute(db);
  return rows[0]?.id;
}
