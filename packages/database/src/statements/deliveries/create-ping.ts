// Creates a ping, a delivery without an order, and announces it. Locks: the endpoint's row, shared, so that it is
// not deleted meanwhile. Index used: the primary key of webhook_endpoints. A second run creates another ping. The
// caller has checked that the endpoint belongs to the account.
import { sql } from "kysely";
import { webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";

/** The time of day in a ping's body is that of the database, as in every other webhook. */
const body = sql`
  '{"type":"webhook.ping","timestamp":"'
    || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","data":{}}'`;

/** @returns the delivery's id; undefined when the endpoint does not exist */
export async function createPing(db: Db, endpointId: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO webhook_deliveries (endpoint_id, type, body)
    SELECT id, 'webhook.ping', ${body} FROM webhook_endpoints WHERE id = ${endpointId}::uuid FOR KEY SHARE
    RETURNING id, pg_notify(${webhooksChannel}, endpoint_id::text)`.execute(db);
  return rows[0]?.id;
}
