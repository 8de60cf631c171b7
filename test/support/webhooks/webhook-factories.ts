// Creates webhook endpoints and deliveries for tests, through the statements that the services use.
import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { webhookTypes } from "@onsale/contracts/values";
import type { WebhookType } from "@onsale/contracts/webhook";
import { webhooksChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import type { AttemptToRecord } from "@onsale/database/statements/deliveries/record-attempt";
import { createWebhook } from "@onsale/database/statements/webhooks/create-webhook";
import { sql } from "kysely";

type EndpointPart = Readonly<{
  accountId: number;
  eventId?: number | null;
  types?: readonly WebhookType[];
  id?: string;
  url?: string;
  secret?: Buffer;
}>;

/** Creates an endpoint; by default for every event and type of its account. */
export async function createEndpoint(db: Db, part: EndpointPart): Promise<string> {
  const { accountId, eventId = null, types = webhookTypes, secret = Buffer.from("sealed") } = part;
  const { id = randomUUID(), url = "https://receiver.test/hook" } = part;
  assert(await createWebhook(db, { id, accountId, eventId, url, types, description: null, secret }));
  return id;
}

/** Disables an endpoint. */
export async function disableEndpoint(db: Db, id: string): Promise<void> {
  await sql`
    UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'A test did it.' WHERE id = ${id}`.execute(db);
}

/** Creates this many deliveries of an endpoint, due now; returns their ids in the order of creation. */
export async function createDeliveries(db: Db, endpointId: string, count: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO webhook_deliveries (endpoint_id, type, body)
    SELECT ${endpointId}, 'webhook.ping', format('{"n":%s}', n) FROM generate_series(0, ${count}::int - 1) AS n
    RETURNING id, pg_notify(${webhooksChannel}, ${endpointId})`.execute(db);
  return rows.map(({ id }) => id);
}

/** An attempt; by default a failed first one whose retry is due in a minute. */
export function newAttempt(deliveryId: string, part: Partial<AttemptToRecord> = {}): AttemptToRecord {
  return {
    deliveryId,
    attemptCount: 0,
    result: "http-error",
    status: 500,
    responseBody: "no",
    error: null,
    startedAt: new Date(),
    durationMs: 12,
    nextDelayMs: 60_000,
    ...part,
  };
}

/** A successful attempt; by default the first one. */
export function successfulAttempt(deliveryId: string, attemptCount = 0): AttemptToRecord {
  return newAttempt(deliveryId, {
    attemptCount,
    result: "delivered",
    status: 200,
    responseBody: "ok",
    nextDelayMs: null,
  });
}

/** An endpoint as it is stored. */
export async function readEndpoint(db: Db, id: string) {
  return db.selectFrom("webhook_endpoints").where("id", "=", id).selectAll().executeTakeFirstOrThrow();
}

/** A delivery as it is stored. */
export async function readDelivery(db: Db, id: string) {
  return db.selectFrom("webhook_deliveries").where("id", "=", id).selectAll().executeTakeFirstOrThrow();
}

/** The last attempt at a delivery; undefined when there was none. */
export async function readLastAttempt(db: Db, deliveryId: string) {
  const { rows } = await sql<{ result: string; status: number | null; body: string | null; error: string | null }>`
    SELECT result, status, response_body AS body, error FROM webhook_attempts
    WHERE delivery_id = ${deliveryId} ORDER BY number DESC LIMIT 1`.execute(db);
  return rows[0];
}
