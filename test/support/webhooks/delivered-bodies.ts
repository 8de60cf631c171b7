// The bodies of an endpoint's deliveries, as they are stored.
import { webhookBody } from "@onsale/contracts/webhook-body";
import type { Db } from "@onsale/database/client";
import { relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { sql } from "kysely";

export type DeliveredBody = Readonly<{
  type: string;
  data: { order: { status: string; version: number; expiresAt: string | null } };
}>;

/** The bodies so far, in the order of the deliveries. */
export async function readBodies(db: Db, endpoint: string): Promise<DeliveredBody[]> {
  const { rows } = await sql<{ body: string }>`
    SELECT body FROM webhook_deliveries WHERE endpoint_id = ${endpoint} ORDER BY seq`.execute(db);
  return rows.map(({ body }) => JSON.parse(body));
}

/** Makes deliveries of all that happened, and returns their bodies. */
export async function deliveriesOf(db: Db, endpoint: string): Promise<DeliveredBody[]> {
  await relayOutbox(db, 1_000, 0, (fact) => webhookBody(fact.type, fact.happenedAt, fact.order, fact.detail));
  return readBodies(db, endpoint);
}
