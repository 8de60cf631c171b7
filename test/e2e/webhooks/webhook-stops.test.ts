// Nothing is posted to an endpoint any more once it is disabled or deleted, and the slow endpoints of one account do
// not delay those of another.
import { strict as assert } from "node:assert";
import { randomBytes, randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { isWithoutPosts } from "@onsale/database/statements/webhooks/posts-lock";
import { newWebhookSecret, sealSecret } from "@onsale/security/webhook-secret";
import { sql } from "kysely";
import { endWithSuite } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, times } from "../../support/database/factories.ts";
import { startRedis } from "../../support/external/redis.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { type Environment, startGateway, startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { ok, startRawReceiver } from "../../support/webhooks/raw-receiver.ts";
import { createDeliveries, createEndpoint, disableEndpoint } from "../../support/webhooks/webhook-factories.ts";
import { createWebhook, getWebhook, untilDelivery, webhookSettings } from "../../support/webhooks/webhooks.ts";

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

describe("a notifier whose posts are not answered", () => {
  async function arrange() {
    const databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl);
    const environment = { ...webhookSettings(), DATABASE_URL: databaseUrl };
    const notifier = await startNotifier(environment);
    const api = createApi((await startGateway(environment)).url);
    const receiver = await startRawReceiver(() => undefined);
    const { id, links } = await createWebhook(api, receiver.url);
    await createDeliveries(db, id, 4);
    await untilTrue("it posts", () => receiver.requests.length === 4);
    return { db, notifier, api, id, path: links.self };
  }

  it("hears that an endpoint is deleted also while it stops", async () => {
    const { db, notifier, api, id, path } = await arrange();
    const stopping = notifier.stop();
    const isClosing = () =>
      fetch(notifier.url).then(
        () => false,
        () => true,
      );
    await untilTrue("its first part, the metrics server, is closed", isClosing);
    assert.equal((await api.request("DELETE", path)).status, 204);
    assert.equal(await isWithoutPosts(db, id), true, "the answer did not wait for the posts");
    assert.equal(await stopping, 0);
  });

  it("looks up what it did not hear when it listens again", async () => {
    const { db, api, id } = await arrange();
    // Nobody is told.
    await disableEndpoint(db, id);
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'onsale-notifier'
        AND (query LIKE 'LISTEN%' OR query LIKE '%transaction_read_only%')
        AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')`.execute(db);
    const delivery = await untilDelivery(api, id, ({ attempts }) => attempts.length > 0);
    assert.equal(delivery.attempts[0]?.error, "the endpoint was disabled during the attempt");
  });
});

describe("the endpoints of some accounts that never answer", () => {
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
    for (let account = 0; account < 3; account++) {
      const accountId = await createAccount(db);
      for (const _ of times(40, 0)) await create(accountId, slow.url, 8);
    }
    await startNotifier({ ...environment, DATABASE_URL: databaseUrl });
    // Each of three accounts gets a quarter of 512.
    await untilTrue("the slow endpoints have as many posts as they can get", () => hanging.length >= 380);

    const hangingOnArrival: boolean[] = [];
    const quick = await startRawReceiver((socket) => {
      hangingOnArrival.push(hanging.every((other) => !other.destroyed));
      socket.write(ok);
    });
    await create(await createAccount(db), quick.url, 1);
    // A slow post that timed out, after 15 s, would free a slot as well: so none may have ended by then.
    await untilTrue("the webhook arrives", () => hangingOnArrival.length === 1);
    assert.deepEqual(hangingOnArrival, [true]);
    assert(hanging.length < 512, "some slots stay free");
  });
});
