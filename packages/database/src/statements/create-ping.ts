// Makes a delivery that no order stands behind, and announces it. No locks that others wait for. A second run makes
// another one. The caller has checked whose the endpoint is.
import { sql } from "kysely";
import { webhooksChannel } from "../channels.ts";
import type { Db } from "../client.ts";

/** @returns the delivery's id */
export async function createPing(db: Db, endpointId: string, body: string): Promise<string> {
  const created = await db
    .insertInto("webhook_deliveries")
    .values({ endpoint_id: endpointId, type: "webhook.ping", body })
    .returning(["id", sql`pg_notify(${webhooksChannel}, ${endpointId})`.as("notified")])
    .executeTakeFirstOrThrow();
  return created.id;
}
