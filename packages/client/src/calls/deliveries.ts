// The calls about what was posted, or will be, to a webhook endpoint.

import type { CallOptions, Client } from "../request/client.ts";
import { type PageOptions, readPages } from "../request/pages.ts";
import { sendForJson } from "../request/request.ts";
import {
  type Delivery,
  type DeliveryStatus,
  isDelivery,
  isRedelivered,
  type Redelivered,
  type Redelivery,
  type RedeliveryRequest,
} from "../wire/delivery.ts";
import { webhookPath } from "./webhooks.ts";

/** Which deliveries to list. */
export type ListDeliveriesOptions = PageOptions &
  Readonly<{
    /** Only deliveries in this status. */
    status?: DeliveryStatus | undefined;
  }>;

/**
 * Lists the deliveries to a webhook endpoint with its answers, the newest first. Each page is requested when the loop
 * gets to it.
 *
 * @throws ProblemError (`webhook-not-found` and others), NetworkError, the signal's reason; all from the iteration
 */
export function listDeliveries(
  client: Client,
  webhookId: string,
  { status, size, signal }: ListDeliveriesOptions = {},
): AsyncGenerator<Delivery, void, void> {
  const path = `${webhookPath(webhookId)}/deliveries`;
  return readPages(client, { path, query: { status } }, isDelivery, { size, signal });
}

/**
 * Sends a test to a webhook endpoint. It is not sent yet when this resolves: `listDeliveries` shows how it went.
 *
 * @throws ProblemError (`webhook-not-found`, `webhook-disabled` and others), NetworkError, the signal's reason
 */
export function pingWebhook(client: Client, webhookId: string, { signal }: CallOptions = {}): Promise<Delivery> {
  return sendForJson(client, { method: "POST", path: `${webhookPath(webhookId)}/ping` }, isDelivery, signal);
}

/**
 * Sends a delivery again, under the same id.
 *
 * @throws ProblemError (`webhook-not-found`, `delivery-not-found`, `webhook-disabled` and others), NetworkError, the
 *   signal's reason
 */
export function redeliver(
  client: Client,
  webhookId: string,
  deliveryId: string,
  { signal }: CallOptions = {},
): Promise<Delivery> {
  const path = `${webhookPath(webhookId)}/deliveries/${encodeURIComponent(deliveryId)}/redeliver`;
  return sendForJson(client, { method: "POST", path }, isDelivery, signal);
}

/** What a redelivery did in all. */
export type RedeliveredTotal = Pick<Redelivered, "count" | "created">;

/**
 * Sends the deliveries of a time again, each under its id: those that were given up, and what else `redelivery` asks
 * for. A request does a part of that, so this makes as many as it takes. After a NetworkError, call it again; the
 * endpoint then gets some of them twice.
 *
 * @throws ProblemError (`webhook-not-found`, `webhook-disabled` and others), NetworkError, the signal's reason
 */
export async function redeliverAll(
  client: Client,
  webhookId: string,
  redelivery: Redelivery,
  { signal }: CallOptions = {},
): Promise<RedeliveredTotal> {
  const path = `${webhookPath(webhookId)}/redeliver`;
  let body: RedeliveryRequest = redelivery;
  for (let count = 0, created = 0; ; ) {
    const part = await sendForJson(client, { method: "POST", path, body }, isRedelivered, signal);
    count += part.count;
    created += part.created;
    if (part.nextCursor === null) return { count, created };
    body = { ...redelivery, cursor: part.nextCursor };
  }
}
