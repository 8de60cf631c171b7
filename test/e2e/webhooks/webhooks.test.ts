import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { webhookTypes } from "@onsale/contracts/values";
import type { CreatedWebhook, Delivery, RotatedSecret } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { connect } from "../../support/database/database.ts";
import { expireHold } from "../../support/database/holds.ts";
import type { Api } from "../../support/http/api.ts";
import { newKey, readMetric } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import type { Service } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { answer, assertVerified, idsByOrder, startReceiver } from "../../support/webhooks/receiver.ts";
import {
  buy,
  countDeliveries,
  createWebhook,
  getWebhook,
  listDeliveries,
  startInstallationWithWebhooks,
  untilDelivery,
} from "../../support/webhooks/webhooks.ts";

describePipeline("webhooks", (backend) => {
  let api: Api;
  let db: Db;
  let notifier: Service;

  before(async () => {
    const installation = await startInstallationWithWebhooks(backend);
    ({ api, notifier } = installation);
    db = connect(installation.databaseUrl);
  });

  /** Creates an event with stock, and a receiver with an endpoint for its orders. */
  async function arrange(stock = 100) {
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: stock });
    const webhook = await createWebhook(api, receiver.url, eventCode);
    return { receiver, eventCode, webhook };
  }

  it("report every decision, signed, each under its own id", async () => {
    const { receiver, eventCode, webhook } = await arrange(120);
    const bought = await buy(api, eventCode, 200);
    await untilTrue("all are received", () => receiver.received.length >= 200);
    for (const received of receiver.received) assertVerified(received, webhook.secret);
    assert.deepEqual([...idsByOrder(receiver.received).keys()].sort(), bought.sort());
    const ofType = (type: string) => receiver.received.filter((received) => received.type === type);
    assert.deepEqual([ofType("order.confirmed").length, ofType("order.rejected").length], [120, 80]);
    for (const { type, order } of receiver.received) {
      assert(order !== undefined);
      assert.deepEqual([type, order.version], [`order.${order.status.toLowerCase()}`, 2]);
      assert.deepEqual(await api.order(order.id), order);
    }
  });

  it("report the whole life of an order, each transition once, with the order as it left it", async () => {
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 2 });
    const created = await api.post<CreatedWebhook>("/api/v1/webhooks", {
      url: receiver.url,
      events: webhookTypes,
      eventCode,
    });
    const body = { eventCode, ticketType: "STANDARD", quantity: 2, hold: true };
    const headers = { "idempotency-key": newKey(), prefer: "wait=30" };
    const { id } = (await api.post<Order>("/api/v1/orders/purchase", body, headers)).body;
    await expireHold(db, id);
    await untilTrue("it has expired", async () => (await api.order(id)).status === "EXPIRED");
    const change = (what: string, sent: unknown) => api.post<Order>(`/api/v1/orders/${id}/${what}`, sent);
    assert.equal((await change("confirm", { paymentReference: "pay-1" })).status, 200);
    await change("cancel", { items: [{ ticketType: "STANDARD", quantity: 1 }] });
    await change("cancel", {});
    for (const paymentReference of ["pay-1", "pay-2", "pay-2"]) await change("confirm", { paymentReference });
    await buy(api, eventCode, 1);
    await untilTrue("all are received", () => receiver.received.length >= 7);
    for (const received of receiver.received) assertVerified(received, created.body.secret);
    const told = receiver.received
      .filter(({ order }) => order?.id === id)
      .map(({ type, order }) => `${order?.version} ${type} ${order?.status} ${order?.items[0]?.quantity}`);
    assert.deepEqual(told.sort(), [
      "2 order.held HELD 2",
      "3 order.expired EXPIRED 2",
      "4 order.confirmed CONFIRMED 2",
      "5 order.cancelled CONFIRMED 1",
      "6 order.cancelled CANCELLED 1",
      "6 order.refund_required CANCELLED 1",
    ]);
  });

  it("have only the types that an endpoint selected", async () => {
    const { receiver, webhook } = await arrange();
    await api.request("PATCH", `/api/v1/webhooks/${webhook.id}`, { body: { events: ["order.rejected"] } });
    const other = await api.createEvent({ STANDARD: 5 });
    const allEventsReceiver = await startReceiver();
    const allEvents = await createWebhook(api, allEventsReceiver.url);
    await buy(api, other, 3);
    await buy(api, webhook.eventCode ?? "", 3);
    await untilTrue("the endpoint for all events has all", () => allEventsReceiver.received.length === 6);
    assert.deepEqual(receiver.received, []);
    await api.request("DELETE", `/api/v1/webhooks/${allEvents.id}`);
  });

  it("are retried while the receiver is down, and delivered when it is up again", async () => {
    const { receiver, eventCode, webhook } = await arrange();
    await receiver.stop();
    const [orderId] = await buy(api, eventCode, 1);
    await untilDelivery(api, webhook.id, (delivery) => delivery.attempts.length >= 2);
    assert.deepEqual((await listDeliveries(api, webhook.id))[0]?.attempts[0]?.result, "network-error");
    await receiver.start();
    const delivery = await untilDelivery(api, webhook.id, ({ status }) => status === "DELIVERED");
    assert.deepEqual([delivery.orderId, delivery.attempts[0]?.result], [orderId, "delivered"]);
    assert.deepEqual(
      receiver.received.map(({ id }) => id),
      [delivery.id],
    );
  });

  it("are retried after 500, under the same id and with a new timestamp and signature", async () => {
    const { receiver, eventCode, webhook } = await arrange();
    receiver.respondWith((response, received, number) => answer(number < 8 ? 500 : 200)(response, received, number));
    await buy(api, eventCode, 1);
    const delivery = await untilDelivery(api, webhook.id, ({ status }) => status === "DELIVERED");
    assert.deepEqual(delivery.attempts.map(({ status }) => status).toReversed(), [...Array(7).fill(500), 200]);
    assert.equal(delivery.attempts[1]?.responseBody, "an answer");
    for (const received of receiver.received) assertVerified(received, webhook.secret);
    assert.deepEqual(new Set(receiver.received.map(({ id }) => id)), new Set([delivery.id]));
    assert.equal(new Set(receiver.received.map(({ text }) => text)).size, 1);
    const timestamps = new Set(receiver.received.map(({ headers }) => headers["webhook-timestamp"]));
    assert(timestamps.size > 1);
    assert.equal((await getWebhook(api, webhook.id)).enabled, true);
  });

  it("to a slow receiver have at most four POSTs in flight, and do not delay other receivers", async () => {
    const { receiver: slow, eventCode, webhook } = await arrange();
    const quick = await startReceiver();
    await createWebhook(api, quick.url, eventCode);
    const release: (() => void)[] = [];
    slow.respondWith((response) => release.push(() => response.writeHead(200).end()));
    await buy(api, eventCode, 1);
    await untilTrue("the slow receiver has one", () => slow.received.length === 1);
    await buy(api, eventCode, 29);
    await untilTrue("the quick receiver has all", () => quick.received.length === 30);
    await untilTrue("the slow receiver has four", () => slow.received.length === 4);
    assert.equal(await countDeliveries(api, webhook.id, "DELIVERED"), 0);
    slow.respondWith(answer(200));
    for (const respond of release) respond();
    await untilTrue(
      "the slow receiver has all",
      async () => (await countDeliveries(api, webhook.id, "DELIVERED")) === 30,
    );
    assert.equal(slow.inFlightMax(), 4);
  });

  it("follow no redirect", async () => {
    const { receiver, eventCode, webhook } = await arrange();
    const inside = await startReceiver();
    receiver.respondWith(answer(301, { location: inside.url }));
    await buy(api, eventCode, 1);
    const delivery = await untilDelivery(api, webhook.id, (each) => each.attempts.length >= 3);
    assert(delivery.attempts.every(({ result, status }) => result === "redirect" && status === 301));
    assert.deepEqual(inside.received, []);
  });

  it("stop when the receiver answers 410, until a client enables the endpoint again", async () => {
    const { receiver, eventCode, webhook } = await arrange();
    receiver.respondWith(answer(410));
    await buy(api, eventCode, 1);
    await untilTrue("it is disabled", async () => !(await getWebhook(api, webhook.id)).enabled);
    const disabled = await getWebhook(api, webhook.id);
    assert.match(disabled.disabledReason ?? "", /410/);
    await buy(api, eventCode, 2);
    receiver.respondWith(answer(200));
    await api.request("PATCH", `/api/v1/webhooks/${webhook.id}`, { body: { enabled: true } });
    const delivery = await untilDelivery(api, webhook.id, ({ status }) => status === "DELIVERED");
    assert.equal(delivery.attempts.length, 2);
    assert.equal((await getWebhook(api, webhook.id)).disabledReason, null);
    // Decisions from the time when the endpoint was disabled are not delivered.
    assert.equal((await listDeliveries(api, webhook.id)).length, 1);
  });

  it("respect Retry-After", async () => {
    const { receiver, eventCode, webhook } = await arrange();
    receiver.respondWith(answer(503, { "retry-after": "3600" }));
    await buy(api, eventCode, 1);
    const delivery = await untilDelivery(api, webhook.id, (each) => each.attempts.length === 1);
    const pauseSeconds = (Date.parse(delivery.nextAttemptAt ?? "") - Date.parse(delivery.createdAt)) / 1_000;
    assert(pauseSeconds >= 3_600 && pauseSeconds < 3_700, `it pauses for ${pauseSeconds} s`);
    receiver.respondWith(answer(200));
    await api.post(`/api/v1/webhooks/${webhook.id}/deliveries/${delivery.id}/redeliver`, undefined);
    await untilDelivery(api, webhook.id, ({ status }) => status === "DELIVERED");
  });

  it("verify with both secrets while one is being rotated", async () => {
    const { receiver, eventCode, webhook } = await arrange();
    const before = await buy(api, eventCode, 10);
    const { body: rotated } = await api.post<RotatedSecret>(`/api/v1/webhooks/${webhook.id}/rotate-secret`, undefined);
    const after = await buy(api, eventCode, 10);
    await untilTrue("all are received", () => receiver.received.length >= 20);
    for (const received of receiver.received) {
      assertVerified(received, webhook.secret);
      if (after.includes(received.order?.id ?? "")) assertVerified(received, rotated.secret);
    }
    assert.equal(before.length, 10);
    const hoursLeft = (Date.parse(rotated.previousSecretExpiresAt) - Date.now()) / 3_600_000;
    assert(hoursLeft > 23.9 && hoursLeft <= 24);
    const { body: again } = await api.post<RotatedSecret>(`/api/v1/webhooks/${webhook.id}/rotate-secret`, undefined);
    receiver.received.length = 0;
    await buy(api, eventCode, 1);
    await untilTrue("it is received", () => receiver.received.length === 1);
    for (const received of receiver.received) {
      for (const { secret } of [rotated, again]) assertVerified(received, secret);
      assert.throws(() => assertVerified(received, webhook.secret));
    }
  });

  it("can be pings, and can be redelivered by their time of creation", async () => {
    const { receiver, eventCode, webhook } = await arrange();
    const from = new Date(Date.now() - 60_000).toISOString();
    const path = `/api/v1/webhooks/${webhook.id}`;
    const ping = await api.post<Delivery>(`${path}/ping`, undefined);
    assert.equal(ping.status, 202);
    await buy(api, eventCode, 5);
    await untilTrue("all are received", async () => (await countDeliveries(api, webhook.id, "DELIVERED")) === 6);
    const ids = receiver.received.map(({ id }) => id).sort();
    for (const received of receiver.received) assertVerified(received, webhook.secret);
    receiver.received.length = 0;
    const range = { from, to: new Date(Date.now() + 60_000).toISOString() };
    assert.deepEqual((await api.post(`${path}/redeliver`, range)).body, { count: 0, created: 0, nextCursor: null });
    const all = await api.post(`${path}/redeliver`, { ...range, includeDelivered: true });
    assert.deepEqual([all.status, all.body], [202, { count: 6, created: 0, nextCursor: null }]);
    await untilTrue("all are received again", () => receiver.received.length >= 6);
    assert.deepEqual(receiver.received.map(({ id }) => id).sort(), ids);
  });

  it("are counted", async () => {
    const delivered = await readMetric(`${notifier.url}/metrics`, 'webhook_attempts_total{result="delivered"}');
    assert(delivered > 200);
    assert((await readMetric(`${notifier.url}/metrics`, "webhook_oldest_undelivered_age_seconds")) > 0);
    assert((await readMetric(`${notifier.url}/metrics`, "webhook_attempt_duration_seconds_count")) >= delivered);
  });
});
