// The calls about webhook endpoints. With API keys they need the scope `webhooks:manage`.

import type { CallOptions, Client } from "../request/client.ts";
import { type PageOptions, readPages } from "../request/pages.ts";
import { sendForJson, sendForNothing } from "../request/request.ts";
import {
  type CreatedWebhook,
  isCreatedWebhook,
  isRotatedSecret,
  isWebhook,
  type NewWebhook,
  type RotatedSecret,
  type Webhook,
  type WebhookChange,
} from "../wire/webhook.ts";

/**
 * Registers a webhook endpoint. Only this answer has the secret: store it for `verifyWebhook`. The request is sent
 * once. After a NetworkError, look for the URL in `listWebhooks`: an endpoint that is there needs
 * `rotateWebhookSecret`.
 *
 * @throws ProblemError (`webhook-url-refused`, `event-not-found`, `too-many-webhooks` and others), NetworkError, the
 *   signal's reason
 */
export function createWebhook(
  client: Client,
  newWebhook: NewWebhook,
  { signal }: CallOptions = {},
): Promise<CreatedWebhook> {
  return sendForJson(client, { method: "POST", path: "/webhooks", body: newWebhook }, isCreatedWebhook, signal);
}

/**
 * Lists the webhook endpoints, the newest first. Each page is requested when the loop gets to it.
 *
 * @throws ProblemError, NetworkError, the signal's reason; all from the iteration
 */
export function listWebhooks(client: Client, options: PageOptions = {}): AsyncGenerator<Webhook, void, void> {
  return readPages(client, { path: "/webhooks" }, isWebhook, options);
}

/**
 * Reads a webhook endpoint.
 *
 * @throws ProblemError (`webhook-not-found` and others), NetworkError, the signal's reason
 */
export function getWebhook(client: Client, webhookId: string, { signal }: CallOptions = {}): Promise<Webhook> {
  return sendForJson(client, { method: "GET", path: webhookPath(webhookId) }, isWebhook, signal);
}

/**
 * Changes a webhook endpoint, or disables or enables it. What `change` does not have stays as it is. Nothing more is
 * posted to an endpoint that was disabled. The same call again changes nothing more.
 *
 * @throws ProblemError (`webhook-not-found`, `webhook-url-refused`, `event-not-found` and others), NetworkError, the
 *   signal's reason
 */
export function changeWebhook(
  client: Client,
  webhookId: string,
  change: WebhookChange,
  { signal }: CallOptions = {},
): Promise<Webhook> {
  return sendForJson(client, { method: "PATCH", path: webhookPath(webhookId), body: change }, isWebhook, signal);
}

/**
 * Deletes a webhook endpoint with its deliveries; nothing more is posted to it. After a NetworkError delete it again:
 * `webhook-not-found` then says that the first request had arrived.
 *
 * @throws ProblemError (`webhook-not-found` and others), NetworkError, the signal's reason
 */
export function deleteWebhook(client: Client, webhookId: string, { signal }: CallOptions = {}): Promise<void> {
  return sendForNothing(client, { method: "DELETE", path: webhookPath(webhookId) }, signal);
}

/**
 * Gives a webhook endpoint a new secret. The previous one signs for another 24 hours, too: verify with both until then.
 * The request is sent once. After a NetworkError, rotate again: nobody knows the secret of the answer that was lost.
 *
 * @throws ProblemError (`webhook-not-found` and others), NetworkError, the signal's reason
 */
export function rotateWebhookSecret(
  client: Client,
  webhookId: string,
  { signal }: CallOptions = {},
): Promise<RotatedSecret> {
  const path = `${webhookPath(webhookId)}/rotate-secret`;
  return sendForJson(client, { method: "POST", path }, isRotatedSecret, signal);
}

/** The path of a webhook endpoint, below `/api/v1`. */
export function webhookPath(webhookId: string): string {
  return `/webhooks/${encodeURIComponent(webhookId)}`;
}
