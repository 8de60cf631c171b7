// Nothing is posted to an endpoint any more once it is disabled or deleted, and the slow endpoints of one account do
// not delay those of another.
import { strict as assert } from "node:assert";
import { randomBytes, randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { newWebhookSecret, sealSecret } from "@onsale/security/webhook-secret";
import { endWithSuite } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, times } from "../../support/database/factories.ts";
import { startRedis } from "../../support/external/redis.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { type Environment, startGateway, startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { ok, startRawReceiver } from "../../support/webhooks/raw-receiver.ts";
import { createDeliveries, createEndpoint } from "../../support/webhooks/webhook-factories.ts";
import { createWebhook, getWebhook, webhookSettings } from "../../support/webhooks/webhooks.ts";

describe("an endpoint that two notifiers post to at the same time", { skip: withoutRedisServer }, () => {
  endWithSuite();
  let db: Db;
  let api: Api;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const environment = { ...webhookSettings(), DATABASE_URL: databaseUrl };
    // Notifiers with different queues know nothing of each other: both serve every endpoint that has due deliveries.
    await startNotifier(environment);
    await startNotifier({ ...environment, REDIS_URL: (await startRedis()).url });
    api = createApi((await startGateway(environment)).url);
  });

  /** A receiver that answers after some milliseconds, and an endpoint whose deliveries both notifiers are posting. */
  async function arrange(answer = ok, answerAfterMs = 15) {
    const receiver = await startRawReceiver((socket) => setTimeout(() => socket.write(answer), answerAfterMs));
    const { id } = await createWebhook(api, receiver.url);
    await createDeliveries(db, id, 2_000);
    const sentTwice = () => new Set(receiver.requests.map(idOf)).size < receiver.requests.length;
    await untilTrue("both notifiers post", sentTwice);
    return { receiver, id, path: `/api/v1/webhooks/${id}` };
  }

  const idOf = (request: string) => /\r\nwebhook-id: (\S+)/.exec(request)?.[1];

  /** Waits until both notifiers have had time for much more: each has posted to another endpoint. */
  async function untilBothHavePosted(): Promise<void> {
    const { path } = await arrange();
    await api.request("DELETE", path);
  }

  it("gets no further post after DELETE was answered", async () => {
    for (let round = 0; round < 3; round++) {
      const { receiver, path } = await arrange();
      assert.equal((await api.request("DELETE", path)).status, 204);
      const { length } = receiver.requests;
      await untilBothHavePosted();
      assert.equal(receiver.requests.length, length);
      assert.equal((await api.get(path)).status, 404);
    }
  });

  it("gets no further post after it was disabled, and the rest when it is enabled again", async () => {
    const { receiver, id, path } = await arrange();
    assert.equal((await api.request("PATCH", path, { body: { enabled: false } })).status, 200);
    const { length } = receiver.requests;
    await untilBothHavePosted();
    assert.equal(receiver.requests.length, length);
    assert.equal((await getWebhook(api, id)).enabled, false);
    await api.request("PATCH", path, { body: { enabled: true } });
    await untilTrue("all are delivered", () => new Set(receiver.requests.map(idOf)).size === 2_000, 40_000);
  });

  it("gets no further post after its receiver has said 410, once the API shows that it is disabled", async () => {
    let isGone = false;
    const gone = "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
    const receiver = await startRawReceiver((socket) => setTimeout(() => socket.write(isGone ? gone : ok), 15));
    const { id, path } = await createWebhook(api, receiver.url).then((made) => ({ ...made, path: made.links.self }));
    await createDeliveries(db, id, 2_000);
    await untilTrue("it is being posted to", () => receiver.requests.length > 50);
    isGone = true;
    await untilTrue("it is disabled", async () => !(await getWebhook(api, id)).enabled);
    // Waits for the posts in flight, as any disabling does.
    await api.request("PATCH", path, { body: { enabled: false } });
    const { length } = receiver.requests;
    await untilBothHavePosted();
    assert.equal(receiver.requests.length, length);
    assert.match((await getWebhook(api, id)).disabledReason ?? "", /410/);
  });

  it("is deleted although it never answers: its posts are cut", async () => {
    const unanswered: Socket[] = [];
    const receiver = await startRawReceiver((socket) => unanswered.push(socket));
    const { id } = await createWebhook(api, receiver.url);
    await createDeliveries(db, id, 20);
    await untilTrue("both notifiers post", () => unanswered.length === 8);
    assert.equal((await api.request("DELETE", `/api/v1/webhooks/${id}`)).status, 204);
    // Long before the 15 s that a post may take.
    await untilTrue("the connections are closed", () => unanswered.every((socket) => socket.destroyed), 5_000);
    assert.equal(receiver.requests.length, 8);
  });
});

describe("the endpoints of one account that never answer", () => {
  it("do not delay the endpoint of another: it gets its webhook while all of their posts hang", async () => {
    const databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl);
    const key = randomBytes(32);
    const environment: Environment = { ...webhookSettings(), WEBHOOK_SECRET_KEY: key.toString("hex") };
    const create = async (accountId: number, url: string, deliveryCount: number) => {
      const id = randomUUID();
      await createEndpoint(db, { accountId, id, url, secret: sealSecret(key, id, newWebhookSecret()) });
      await createDeliveries(db, id, deliveryCount);
    };
    const hanging: Socket[] = [];
    const slow = await startRawReceiver((socket) => hanging.push(socket));
    for (let account = 0; account < 2; account++) {
      const accountId = await createAccount(db);
      for (const _ of times(90, 0)) await create(accountId, slow.url, 8);
    }
    await startNotifier({ ...environment, DATABASE_URL: databaseUrl });
    await untilTrue("the slow endpoints have as many posts as they can get", () => hanging.length >= 300);

    const quick = await startRawReceiver((socket) => socket.write(ok));
    await create(await createAccount(db), quick.url, 1);
    await untilTrue("the webhook arrives", () => quick.requests.length === 1);
    assert(hanging.every((socket) => !socket.destroyed));
    assert(hanging.length < 512, "some slots stay free");
  });
});
