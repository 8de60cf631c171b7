import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { startRedis, startRedisCluster, type TestRedis } from "../../support/external/redis.ts";
import { createApi } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { countDeliveries, createWebhook, startInstallationWithWebhooks } from "../../support/webhooks/webhooks.ts";

describe("faults of Redis", { skip: withoutRedisServer }, () => {
  let redis: TestRedis;
  let installation: Installation;

  endWithSuite();
  before(async () => {
    redis = await startRedis();
    const backend = { name: "Redis queues", skip: false, start: async () => ({ REDIS_URL: redis.url }) } as const;
    installation = await startInstallation(backend, { workers: 2 });
  });

  it("a wiped Redis loses no order", async () => {
    const { api, databaseUrl } = installation;
    const eventCode = await api.createEvent({ STANDARD: 15_000 });
    await placePendingOrders(connect(databaseUrl), eventCode, 20_000);
    for (let wipes = 0; wipes < 5; wipes++) {
      await Promise.all(Array.from({ length: 50 }, () => api.purchase({ eventCode })));
      assert.match(await redis.command("FLUSHALL"), /OK/);
    }
    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.deepEqual([orders.confirmed, orders.total], [15_000, 20_250]);
  });

  it("purchases are accepted and decided while Redis is down, and through its queues again afterwards", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 100 });
    await redis.stop();
    const answers = await Promise.all(Array.from({ length: 120 }, () => api.purchase({ eventCode })));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [202]);
    await untilTrue("failed enqueues are counted", async () => (await api.metric("enqueue_failures_total")) > 0);
    assert.equal((await api.get("/readyz")).status, 200);

    await untilAllDecided(api, eventCode);
    await redis.start();
    const { orders } = await api.assertSound(eventCode);
    assert.deepEqual([orders.confirmed, orders.rejected], [100, 20]);
    // Jobs come through the queue again, and not only through the reconciler.
    const after = await api.purchase({ eventCode: await api.createEvent({ STANDARD: 1 }), waitSeconds: 30 });
    assert.equal(after.body.status, "CONFIRMED");
  });

  it("orders are decided while Redis is down, and their webhooks wait until it is back", async () => {
    const ofWebhooks = await startRedis();
    const backend = { name: "Redis queues", skip: false, start: async () => ({ REDIS_URL: ofWebhooks.url }) } as const;
    const { api, notifier } = await startInstallationWithWebhooks(backend);
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const receiver = await startReceiver();
    const { id } = await createWebhook(api, receiver.url, eventCode);
    await ofWebhooks.stop();
    for (let count = 0; count < 3; count++) {
      assert.equal((await api.purchase({ eventCode, waitSeconds: 30 })).body.status, "CONFIRMED");
    }
    await untilTrue("deliveries wait", async () => (await countDeliveries(api, id, "PENDING")) === 3);
    assert.equal((await fetch(`${notifier.url}/readyz`)).status, 200);
    assert.equal(receiver.received.length, 0);
    await ofWebhooks.start();
    await untilTrue("they are sent", () => receiver.received.length === 3);
  });

  it("services that start while Redis is down work when it has started", async () => {
    const late = await startRedis();
    await late.stop();
    const environment = { REDIS_URL: late.url, DATABASE_URL: await createTestDatabase() };
    const gateway = await startGateway(environment);
    await startWorker(environment);
    const api = createApi(gateway.url);
    const eventCode = await api.createEvent({ STANDARD: 1 });
    assert.equal((await api.purchase({ eventCode })).status, 202);
    await late.start();
    await untilAllDecided(api, eventCode);
    assert.equal((await api.purchase({ eventCode, waitSeconds: 30 })).body.reason?.code, "sold-out");
  });
});

describe("a Redis Cluster of three masters", { skip: withoutRedisServer }, () => {
  it("sells events of every partition, with two workers", async () => {
    const { url } = await startRedisCluster();
    const backend = { name: "Redis queues", skip: false, start: async () => ({ REDIS_URL: url }) } as const;
    const { api } = await startInstallation(backend, { workers: 2, settings: { PARTITIONS: "6" } });
    const events = await Promise.all(Array.from({ length: 12 }, () => api.createEvent({ STANDARD: 20 })));
    await Promise.all(events.flatMap((eventCode) => Array.from({ length: 30 }, () => api.purchase({ eventCode }))));
    for (const eventCode of events) {
      await untilAllDecided(api, eventCode);
      const { orders } = await api.assertSound(eventCode);
      assert.deepEqual([orders.confirmed, orders.rejected], [20, 10]);
    }
    const [first = ""] = events;
    assert.equal((await api.purchase({ eventCode: first, waitSeconds: 30 })).body.status, "REJECTED");
  });
});
