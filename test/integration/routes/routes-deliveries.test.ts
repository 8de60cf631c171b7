import { strict as assert } from "node:assert";
import { randomBytes, randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Problem } from "@onsale/contracts/problem";
import type { CreatedWebhook, Delivery } from "@onsale/contracts/webhook";
import { webhooksChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount } from "../../support/database/factories.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { startGateway } from "../../support/services/services.ts";
import {
  createDeliveries,
  createEndpoint,
  newAttempt,
  readDelivery,
  successfulAttempt,
} from "../../support/webhooks/webhook-factories.ts";

type DeliveryList = Readonly<{
  content: Delivery[];
  totalElements: number;
  totalPages: number;
  nextCursor: string | null;
}>;

const path = "/api/v1/webhooks";
const allTime = { from: "2020-01-01T00:00:00Z", to: "2999-01-01T00:00:00Z" };

describe("webhook deliveries", () => {
  let databaseUrl: string;
  let db: Db;
  let api: Api;

  // No notifier runs: the tests record the attempts.
  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const key = randomBytes(32).toString("hex");
    const environment = { DATABASE_URL: databaseUrl, WEBHOOK_SECRET_KEY: key, WEBHOOK_ALLOW_PRIVATE: "1" };
    api = createApi((await startGateway(environment)).url);
  });

  const create = async (): Promise<string> => {
    const body = { url: "http://127.0.0.1:9/", events: ["order.confirmed"] };
    return (await api.post<CreatedWebhook>(path, body)).body.id;
  };
  const ping = async (id: string) => (await api.post<Delivery>(`${path}/${id}/ping`, undefined)).body;
  const list = async (id: string, query = "") =>
    (await api.get<DeliveryList>(`${path}/${id}/deliveries?${query}`)).body;
  const redeliverOne = <T = Delivery>(id: string, deliveryId: string) =>
    api.post<T>(`${path}/${id}/deliveries/${deliveryId}/redeliver`, undefined);
  const redeliver = <T = { count: number }>(id: string, body: unknown) => api.post<T>(`${path}/${id}/redeliver`, body);

  it("of a ping are listed at once and announced to the notifiers", async () => {
    const id = await create();
    const readNotified = await recordNotifications(databaseUrl, webhooksChannel);
    const answer = await api.post<Delivery>(`${path}/${id}/ping`, undefined);
    assert.equal(answer.status, 202);
    const { type, orderId, status, finishedAt, attempts } = answer.body;
    assert.deepEqual([type, orderId, status, finishedAt, attempts], ["webhook.ping", null, "PENDING", null, []]);
    assert(answer.body.nextAttemptAt !== null);
    assert.deepEqual((await list(id)).content, [answer.body]);
    const payload = JSON.parse((await readDelivery(db, answer.body.id)).body);
    assert.deepEqual([payload.type, payload.data], ["webhook.ping", {}]);
    assert(!Number.isNaN(Date.parse(payload.timestamp)));
    assert.deepEqual(await readNotified(), [id]);
  });

  it("are announced under the endpoint's stored id, which names its lane, however the client spells it", async () => {
    const id = await create();
    const { id: deliveryId } = await ping(id);
    const readNotified = await recordNotifications(databaseUrl, webhooksChannel);
    const upper = id.toUpperCase();
    assert.equal((await api.post(`${path}/${upper}/ping`, undefined)).status, 202);
    assert.equal((await redeliverOne(upper, deliveryId.toUpperCase())).status, 202);
    assert.equal((await redeliver(upper, allTime)).status, 202);
    assert.equal((await api.request("PATCH", `${path}/${upper}`, { body: { enabled: true } })).status, 200);
    assert.deepEqual(new Set(await readNotified()), new Set([id]));
  });

  it("show their attempts, the latest first, with the receiver's answers", async () => {
    const id = await create();
    const { id: deliveryId } = await ping(id);
    const startedAt = new Date("2030-01-01T00:00:00.123Z");
    const failed = {
      result: "timeout",
      status: null,
      responseBody: null,
      error: "no complete answer in time",
    } as const;
    await recordAttempt(db, newAttempt(deliveryId, { ...failed, startedAt, durationMs: 15_000 }));
    await recordAttempt(db, successfulAttempt(deliveryId, 1));
    const [delivery] = (await list(id)).content;
    assert.deepEqual([delivery?.status, delivery?.nextAttemptAt], ["DELIVERED", null]);
    assert((delivery?.finishedAt ?? "") >= (delivery?.createdAt ?? "?"));
    const [latest, first] = delivery?.attempts ?? [];
    assert.deepEqual(
      [latest?.number, latest?.result, latest?.status, latest?.responseBody],
      [2, "delivered", 200, "ok"],
    );
    assert.deepEqual(first, { number: 1, ...failed, startedAt: startedAt.toISOString(), durationMs: 15_000 });
  });

  it("are listed newest first, by status, by page and by cursor", async () => {
    const id = await create();
    const other = await create();
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) {
      ids.unshift((await ping(id)).id);
      await ping(other);
    }
    for (const delivered of ids.slice(0, 3)) await recordAttempt(db, successfulAttempt(delivered));
    await recordAttempt(db, newAttempt(ids[3] ?? "", { nextDelayMs: null }));
    const page = await list(id, "page=1&size=3");
    assert.deepEqual(
      page.content.map((delivery) => delivery.id),
      ids.slice(3, 6),
    );
    assert.deepEqual([page.totalElements, page.totalPages], [7, 3]);
    const idsOf = async (status: string) => (await list(id, `status=${status}`)).content.map((delivery) => delivery.id);
    assert.deepEqual(await idsOf("DELIVERED"), ids.slice(0, 3));
    assert.deepEqual(await idsOf("FAILED"), ids.slice(3, 4));
    assert.deepEqual(await idsOf("PENDING"), ids.slice(4));
    for (const [query, expected] of [
      ["", ids],
      ["&status=PENDING", ids.slice(4)],
    ] as const) {
      const walked: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const next: DeliveryList = await list(id, `size=2${query}${cursor && `&cursor=${cursor}`}`);
        assert.equal(next.totalElements, expected.length);
        walked.push(...next.content.map((delivery) => delivery.id));
        cursor = next.nextCursor;
      }
      assert.deepEqual(walked, expected);
    }
    const bad = ["status=LOST", "cursor=nonsense", `cursor=${page.nextCursor}&page=0`, "size=0", "page=x", "y=1"];
    for (const query of [...bad, `cursor=${Buffer.from("1.7.x").toString("base64url")}`]) {
      const answer = await api.get<Problem>(`${path}/${id}/deliveries?${query}`);
      assert.equal(answer.body.code, "validation-failed", query);
    }
  });

  it("are sent again one by one, under their own id", async () => {
    const id = await create();
    const { id: deliveryId } = await ping(id);
    await recordAttempt(db, successfulAttempt(deliveryId));
    const { status, body } = await redeliverOne(id, deliveryId);
    assert.deepEqual([status, body.id, body.status, body.attempts.length], [202, deliveryId, "PENDING", 1]);
    assert(Date.parse(body.nextAttemptAt ?? "") <= Date.now() + 1_000);
    assert.equal((await list(id)).totalElements, 1);
  });

  it("are sent again by time range, delivered ones only with includeDelivered", async () => {
    const id = await create();
    const a = await ping(id);
    const b = await ping(id);
    const c = await ping(id);
    await recordAttempt(db, successfulAttempt(a.id));
    await recordAttempt(db, newAttempt(b.id, { nextDelayMs: null }));
    await recordAttempt(db, newAttempt(c.id, { nextDelayMs: null }));
    await sql`UPDATE webhook_deliveries SET created_at = '2030-01-01T12:00:00Z' WHERE id = ${b.id}`.execute(db);
    const morning = { from: "2030-01-01T00:00:00Z", to: "2030-01-01T12:00:00Z" };
    const noon = { from: "2030-01-01T13:00:00+01:00", to: "2030-01-01T12:00:00.001Z" };
    assert.deepEqual((await redeliver(id, morning)).body, { count: 0, created: 0, nextCursor: null });
    const answer = await redeliver(id, noon);
    assert.deepEqual([answer.status, answer.body], [202, { count: 1, created: 0, nextCursor: null }]);
    assert.deepEqual((await redeliver(id, { ...allTime, includeDelivered: false })).body, {
      count: 1,
      created: 0,
      nextCursor: null,
    });
    assert.deepEqual((await redeliver(id, { ...allTime, includeDelivered: true })).body, {
      count: 3,
      created: 0,
      nextCursor: null,
    });
    assert.equal((await list(id, "status=PENDING")).totalElements, 3);
  });

  it("are not sent again by an invalid range", async () => {
    const id = await create();
    const { id: deliveryId } = await ping(id);
    await recordAttempt(db, newAttempt(deliveryId, { nextDelayMs: null }));
    const { from, to } = allTime;
    const bad = [
      {},
      { from },
      { to },
      { from: to, to: from },
      { from, to: from },
      { from: "yesterday", to },
      { from, to: 5 },
      { from: "2030-02-30T00:00:00Z", to },
      { from: "0000-01-01T00:00:00Z", to },
      { from, to: "2030-01-01" },
      { from: null, to },
      { ...allTime, includeDelivered: "true" },
      { ...allTime, includeMissed: 1 },
      { ...allTime, cursor: "nonsense" },
      { ...allTime, extra: 1 },
      { from: "", to: "" },
      { from, to: "9999-12-31T23:59:59-23:59" },
      { from: "2030-01-01T00:00:00", to },
    ];
    for (const body of bad) {
      const answer = await redeliver<Problem>(id, body);
      assert.deepEqual([answer.status, answer.body.code], [400, "validation-failed"], JSON.stringify(body));
    }
    assert.equal((await list(id, "status=FAILED")).totalElements, 1);
  });

  it("are not created for a disabled endpoint", async () => {
    const id = await create();
    const { id: deliveryId } = await ping(id);
    await api.request("PATCH", `${path}/${id}`, { body: { enabled: false } });
    const answers = [
      await api.post<Problem>(`${path}/${id}/ping`, undefined),
      await redeliverOne<Problem>(id, deliveryId),
      await redeliver<Problem>(id, allTime),
    ];
    for (const { status, body } of answers) assert.deepEqual([status, body.code], [409, "webhook-disabled"]);
    assert.equal((await list(id)).totalElements, 1);
  });

  it("and every other route of an endpoint are 404 for an unknown id and for another account's endpoint", async () => {
    const foreign = await createEndpoint(db, { accountId: await createAccount(db) });
    const [foreignDelivery = ""] = await createDeliveries(db, foreign, 1);
    const before = JSON.stringify(await readDelivery(db, foreignDelivery));
    const garbage = ["1", "%00", "'%20OR%201=1--", "null", "a".repeat(200), `${foreign}x`, "%F0%9F%8E%AB"];
    for (const id of [randomUUID(), foreign, foreign.toUpperCase(), ...garbage]) {
      const answers = [
        await api.get<Problem>(`${path}/${id}`),
        await api.request<Problem>("PATCH", `${path}/${id}`, { body: { enabled: true } }),
        await api.request<Problem>("DELETE", `${path}/${id}`),
        await api.post<Problem>(`${path}/${id}/rotate-secret`, undefined),
        await api.post<Problem>(`${path}/${id}/ping`, undefined),
        await api.get<Problem>(`${path}/${id}/deliveries`),
        await redeliver<Problem>(id, allTime),
        await redeliverOne<Problem>(id, foreignDelivery),
      ];
      for (const { status, body } of answers) assert.deepEqual([status, body.code], [404, "webhook-not-found"], id);
    }
    const own = await create();
    for (const deliveryId of [randomUUID(), foreignDelivery, ...garbage]) {
      const { status, body } = await redeliverOne<Problem>(own, deliveryId);
      assert.deepEqual([status, body.code], [404, "delivery-not-found"], deliveryId);
    }
    assert.equal(JSON.stringify(await readDelivery(db, foreignDelivery)), before);
  });
});
