// Every call of the published client about webhook endpoints and deliveries, with every option.
import { strict as assert } from "node:assert";
import {
  type Client,
  changeWebhook,
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  pingWebhook,
  redeliver,
  redeliverAll,
  rotateWebhookSecret,
  type Webhook,
} from "../../../packages/client/src/index.ts";
import { assertProblem } from "./problems.ts";

/** The test's installation has no notifier, so what is to be sent stays PENDING. */
export async function manageEveryWebhook(client: Client, eventCode: string, orderId: string): Promise<void> {
  const url = "https://shop.example.com/hooks/onsale";
  const narrow = { url, events: ["order.confirmed"], eventCode, description: "The shop" } as const;
  const { secret, ...created } = await createWebhook(client, narrow);
  assert.match(secret, /^whsec_/);
  assert.deepEqual([created.events, created.eventCode, created.enabled], [["order.confirmed"], eventCode, true]);
  assert.deepEqual(await getWebhook(client, created.id), created);
  const other = await createWebhook(client, { url, events: ["order.held"] });
  assert.deepEqual(await idsOf(listWebhooks(client, { size: 1 })), [other.id, created.id]);

  const wide = { url: `${url}/2`, events: ["order.held"], eventCode: null, description: null } as const;
  const disabled = await changeWebhook(client, created.id, { ...wide, enabled: false });
  assert.deepEqual([disabled.url, disabled.eventCode, disabled.enabled], [wide.url, null, false]);
  await assertProblem(pingWebhook(client, created.id), 409, "webhook-disabled");
  assert.equal((await changeWebhook(client, created.id, { enabled: true, events: narrow.events })).enabled, true);
  const rotated = await rotateWebhookSecret(client, created.id);
  assert.notEqual(rotated.secret, secret);

  const ping = await pingWebhook(client, created.id);
  assert.deepEqual([ping.type, ping.status, ping.orderId], ["webhook.ping", "PENDING", null]);
  assert.equal((await redeliver(client, created.id, ping.id)).id, ping.id);
  const time = { from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
  assert.equal((await redeliverAll(client, created.id, time)).created, 0);
  const missed = await redeliverAll(client, created.id, { ...time, includeDelivered: true, includeMissed: true });
  assert(missed.created > 0, "the order was confirmed before the endpoint was there");
  const orders: (string | null)[] = [];
  for await (const delivery of listDeliveries(client, created.id, { status: "PENDING", size: 1 })) {
    orders.push(delivery.orderId);
  }
  assert(orders.includes(orderId) && orders.includes(null), "the order and the ping are on their way");

  await deleteWebhook(client, created.id);
  await assertProblem(getWebhook(client, created.id), 404, "webhook-not-found");
  await deleteWebhook(client, other.id);
  assert.deepEqual(await idsOf(listWebhooks(client)), []);
}

async function idsOf(webhooks: AsyncIterable<Webhook>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of webhooks) ids.push(id);
  return ids;
}
