// Faults while webhooks are being delivered: every decision must still reach the receiver.
import { strict as assert } from "node:assert";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "../../support/external/redis.ts";
import { type Backend, describeOnBoth, postgresQueues, withoutRedisServer } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { answer, assertVerified, idsByOrder, startReceiver } from "../../support/webhooks/receiver.ts";
import {
  buy,
  countDeliveries,
  createWebhook,
  listDeliveries,
  startInstallationWithWebhooks,
  untilDelivery,
  webhookSettings,
} from "../../support/webhooks/webhooks.ts";

const ids = (received: readonly Readonly<{ id: string }>[]) => received.map(({ id }) => id);

const start = (backend: Backend) => startInstallation(backend, { settings: webhookSettings() });

/** A notifier, which can be replaced, and a receiver of all decisions on a new event. */
async function arrange({ api, environment }: Installation) {
  let notifier = await startNotifier(environment);
  const receiver = await startReceiver();
  const eventCode = await api.createEvent({ STANDARD: 1_000 });
  const webhook = await createWebhook(api, receiver.url, eventCode);
  return {
    api,
    receiver,
    eventCode,
    webhook,
    notifier,
    /** Kills the notifier and starts another one. */
    replaceNotifier: async () => {
      await notifier.kill();
      notifier = await startNotifier(environment);
    },
  };
}

describeOnBoth("a notifier", start, (it) => {
  it("killed before it read any outbox row: its successor delivers all decisions", async (installation) => {
    const { api, receiver, eventCode, webhook, notifier } = await arrange(installation);
    await notifier.kill();
    const bought = await buy(api, eventCode, 50);
    assert.deepEqual(await listDeliveries(api, webhook.id), []);
    await startNotifier(installation.environment);
    await untilTrue("all are received", () => receiver.received.length >= 50);
    assert.deepEqual([...idsByOrder(receiver.received).keys()].sort(), bought.sort());
  });

  it("killed in the middle of a POST: its successor repeats the POST, under the same id", async (installation) => {
    const { api, receiver, eventCode, webhook, replaceNotifier } = await arrange(installation);
    receiver.respondWith(() => undefined);
    await buy(api, eventCode, 1);
    await untilTrue("the POST is received", () => receiver.received.length === 1);
    receiver.respondWith(answer(200));
    await replaceNotifier();
    const delivery = await untilDelivery(api, webhook.id, ({ status }) => status === "DELIVERED");
    assert.deepEqual(ids(receiver.received), [delivery.id, delivery.id]);
    assert.equal(delivery.attempts.length, 1);
  });

  it("killed before it records the answer: its successor repeats the POST, under the same id", async (installation) => {
    const { api, receiver, eventCode, webhook, notifier, replaceNotifier } = await arrange(installation);
    const { promise: killed, resolve } = Promise.withResolvers<void>();
    receiver.respondWith((response) => {
      receiver.respondWith(answer(200));
      process.kill(notifier.pid, "SIGKILL");
      response.writeHead(200).end();
      resolve();
    });
    await buy(api, eventCode, 1);
    await killed;
    await replaceNotifier();
    const delivery = await untilDelivery(api, webhook.id, ({ status }) => status === "DELIVERED");
    assert.deepEqual(ids(receiver.received), [delivery.id, delivery.id]);
  });

  it("killed several times at random moments: every decision is delivered, and none under two ids", async (installation, test) => {
    const { api, receiver, eventCode, webhook, replaceNotifier } = await arrange(installation);
    const pausesMs = Array.from({ length: 6 }, () => randomInt(0, 400));
    test.diagnostic(`the notifier is killed after ${pausesMs.join(", ")} ms`);
    const buying = buy(api, eventCode, 600);
    for (const pauseMs of pausesMs) {
      await delay(pauseMs);
      await replaceNotifier();
    }
    const bought = await buying;
    const isDone = async () => (await countDeliveries(api, webhook.id, "DELIVERED")) === 600;
    await untilTrue("all are delivered", isDone, 60_000);
    for (const received of receiver.received) assertVerified(received, webhook.secret);
    assert.deepEqual([...idsByOrder(receiver.received).keys()].sort(), bought.sort());
  });

  it("shares the work with another one: without a fault every decision is delivered once", async (installation) => {
    const { api, receiver, eventCode, webhook } = await arrange(installation);
    const second = await startNotifier(installation.environment);
    await buy(api, eventCode, 200);
    await untilTrue("all are recorded", async () => (await countDeliveries(api, webhook.id, "DELIVERED")) === 200);
    assert.equal(receiver.received.length, 200);
    assert.equal(idsByOrder(receiver.received).size, 200);
    assert.equal(await second.stop(), 0);
  });

  it("that stops finishes its POSTs, and records them", async (installation) => {
    const { api, receiver, eventCode, webhook, notifier } = await arrange(installation);
    const { promise: arrived, resolve } = Promise.withResolvers<() => void>();
    receiver.respondWith((response) => resolve(() => response.writeHead(200).end()));
    await buy(api, eventCode, 1);
    const respond = await arrived;
    const stopped = notifier.stop();
    respond();
    assert.equal(await stopped, 0);
    assert.deepEqual((await listDeliveries(api, webhook.id))[0]?.status, "DELIVERED");
  });
});

describe("webhooks, when Redis is wiped", { skip: withoutRedisServer }, () => {
  it("lose neither a pending delivery nor a new one", async () => {
    const redis = await startRedis();
    const { api } = await startInstallationWithWebhooks(postgresQueues, { REDIS_URL: redis.url });
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 100 });
    const webhook = await createWebhook(api, receiver.url, eventCode);
    await receiver.stop();
    const before = await buy(api, eventCode, 20);
    await untilDelivery(api, webhook.id, ({ attempts }) => attempts.length > 0);
    await redis.command("FLUSHALL");
    const after = await buy(api, eventCode, 20);
    await redis.stop();
    await receiver.start();
    await redis.start();
    const isDone = async () => (await countDeliveries(api, webhook.id, "DELIVERED")) === 40;
    await untilTrue("all are delivered", isDone, 40_000);
    assert.deepEqual([...idsByOrder(receiver.received).keys()].sort(), [...before, ...after].sort());
  });
});
