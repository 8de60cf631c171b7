// Inserts deliveries, in the order in which they are given. Locks: the endpoints' rows, shared, because of the foreign
// key. Index used: the unique one on endpoint and outbox row. A second run inserts no second delivery of an outbox row.
import type { WebhookType } from "@onsale/contracts/webhook";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type NewDelivery = Readonly<{
  endpointId: string;
  /** Null for a delivery that was missed and is made later. */
  outboxId: number | null;
  orderId: string;
  type: WebhookType;
  body: string;
}>;

/** @param delaySeconds before the first attempt */
export async function insertDeliveries(db: Db, deliveries: readonly NewDelivery[], delaySeconds: number) {
  const column = <K extends keyof NewDelivery>(name: K) => deliveries.map((delivery) => delivery[name]);
  await sql`
    INSERT INTO webhook_deliveries (endpoint_id, outbox_id, order_id, type, body, next_attempt_at)
    SELECT *, clock_timestamp() + ${delaySeconds}::float8 * interval '1 second'
    FROM unnest(${column("endpointId")}::uuid[], ${column("outboxId")}::bigint[], ${column("orderId")}::uuid[],
                ${column("type")}::text[], ${column("body")}::text[])
    ON CONFLICT (endpoint_id, outbox_id) DO NOTHING`.execute(db);
}
