import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Problem } from "@onsale/contracts/problem";
import type { CreatedWebhook, RotatedSecret, Webhook } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { hostileUrls } from "@onsale/security/test-data/hostile-urls";
import { openSecret } from "@onsale/security/webhook-secret";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { defaultAccountId } from "../../support/database/factories.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { startGateway } from "../../support/services/services.ts";
import { createEndpoint, readEndpoint } from "../../support/webhooks/webhook-factories.ts";

type WebhookList = Readonly<{ content: Webhook[]; totalElements: number; nextCursor: string | null }>;

const path = "/api/v1/webhooks";
const localUrl = "http://127.0.0.1:9/hook";
const dayMs = 86_400_000;

describe("webhook endpoints", () => {
  const key = randomBytes(32);
  let db: Db;
  /** Clients of three gateways on one database: for local development, for production, and without a sealing key. */
  let api: Api;
  let strictApi: Api;
  let keylessApi: Api;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const environment = { DATABASE_URL: databaseUrl, WEBHOOK_SECRET_KEY: key.toString("base64") };
    const [local, strict, keyless] = await Promise.all([
      startGateway({ ...environment, WEBHOOK_ALLOW_PRIVATE: "1" }),
      startGateway(environment),
      startGateway({ DATABASE_URL: databaseUrl, WEBHOOK_ALLOW_PRIVATE: "1", LOG_LEVEL: "silent" }),
    ]);
    api = createApi(local.url);
    strictApi = createApi(strict.url);
    keylessApi = createApi(keyless.url);
  });

  const create = async (part: object = {}): Promise<CreatedWebhook> => {
    const body = { url: localUrl, events: ["order.confirmed"], ...part };
    const answer = await api.post<CreatedWebhook>(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const get = async (id: string) => (await api.get<Webhook>(`${path}/${id}`)).body;
  const patch = <T = Webhook>(id: string, body: unknown) => api.request<T>("PATCH", `${path}/${id}`, { body });
  const count = async () => (await api.get<WebhookList>(path)).body.totalElements;

  it("are registered, shown, listed, changed and deleted", async () => {
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const part = { events: ["order.rejected", "order.confirmed"], eventCode, description: "The shop's orders 🎫" };
    const answer = await api.post<CreatedWebhook>(path, { url: "http://127.0.0.1:9", ...part });
    const { secret, ...webhook } = answer.body;
    assert.deepEqual([answer.status, answer.headers.get("location")], [201, `${path}/${webhook.id}`]);
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.deepEqual(webhook, {
      id: webhook.id,
      url: "http://127.0.0.1:9/",
      events: ["order.confirmed", "order.rejected"],
      eventCode,
      description: part.description,
      enabled: true,
      disabledAt: null,
      disabledReason: null,
      createdAt: webhook.createdAt,
      updatedAt: webhook.updatedAt,
      links: { self: `${path}/${webhook.id}`, deliveries: `${path}/${webhook.id}/deliveries` },
    });
    assert.match(webhook.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    assert.deepEqual(await get(webhook.id), webhook);
    assert.deepEqual(await get(webhook.id.toUpperCase()), webhook);
    assert.deepEqual((await api.get<WebhookList>(path)).body.content[0], webhook);

    const changed = await patch(webhook.id, { url: localUrl });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.body, { ...webhook, url: localUrl, updatedAt: changed.body.updatedAt });
    assert(changed.body.updatedAt > webhook.updatedAt);

    const remove = () => api.request<Problem | undefined>("DELETE", `${path}/${webhook.id}`);
    assert.deepEqual([(await remove()).status, (await remove()).body?.code], [204, "webhook-not-found"]);
    assert.equal((await api.get(`${path}/${webhook.id}`)).status, 404);
  });

  it("are listed newest first, by page and by cursor", async () => {
    const created: string[] = [];
    for (let n = 0; n < 5; n++) created.unshift((await create()).id);
    const page = (await api.get<WebhookList>(`${path}?page=1&size=2`)).body;
    assert.deepEqual(
      page.content.map(({ id }) => id),
      created.slice(2, 4),
    );
    const walked: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const next: WebhookList = (await api.get<WebhookList>(`${path}?size=2${cursor && `&cursor=${cursor}`}`)).body;
      walked.push(...next.content.map(({ id }) => id));
      cursor = next.nextCursor;
    }
    assert.deepEqual(walked.slice(0, 5), created);
    assert.equal(walked.length, await count());
    for (const query of ["cursor=nonsense", `cursor=${page.nextCursor}&page=1`, "size=101", "page=-1", "x=1"]) {
      assert.equal((await api.get<Problem>(`${path}?${query}`)).body.code, "validation-failed", query);
    }
  });

  it("show their secret once, and the database has it only encrypted", async () => {
    const { id, secret } = await create();
    const answers = [await api.get(`${path}/${id}`), await api.get(path), await patch(id, { description: "x" })];
    for (const { body } of answers) assert.doesNotMatch(JSON.stringify(body), /whsec_|"secret"/);
    const { rows } = await sql<{ text: string }>`SELECT w::text AS text FROM webhook_endpoints w`.execute(db);
    const table = rows.map((row) => row.text).join("\n");
    const raw = Buffer.from(secret.slice("whsec_".length), "base64");
    for (const shape of [secret, secret.slice(6), Buffer.from(secret).toString("hex"), raw.toString("hex")]) {
      assert(!table.includes(shape));
    }
    assert.equal(openSecret(key, id, (await readEndpoint(db, id)).secret), secret);
  });

  it("get a new secret, while the old one signs for another day", async () => {
    const { id, secret } = await create();
    const rotate = async (as = id) => (await api.post<RotatedSecret>(`${path}/${as}/rotate-secret`, undefined)).body;
    const before = Date.now();
    const first = await rotate(id.toUpperCase());
    const expires = Date.parse(first.previousSecretExpiresAt);
    assert(expires >= before + dayMs - 1_000 && expires <= Date.now() + dayMs + 1_000);
    const stored = await readEndpoint(db, id);
    assert(stored.previous_secret !== null);
    assert.equal(openSecret(key, id, stored.secret), first.secret);
    assert.equal(openSecret(key, id, stored.previous_secret), secret);
    const second = await rotate();
    const again = await readEndpoint(db, id);
    assert.equal(openSecret(key, id, again.previous_secret ?? Buffer.of()), first.secret);
    assert.equal(new Set([secret, first.secret, second.secret]).size, 3);
  });

  it("keep the fields that a change does not name, and clear those that it sets to null", async () => {
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const { secret: _, ...webhook } = await create({ eventCode, description: "old" });
    const steps = [
      [{ events: ["order.rejected"] }, { events: ["order.rejected"] }],
      [{ description: "new" }, { description: "new" }],
      [{ description: null }, { description: null }],
      [{ eventCode: null }, { eventCode: null }],
      [{ eventCode }, { eventCode }],
      [{ url: "http://[::1]:9/x" }, { url: "http://[::1]:9/x" }],
    ] as const;
    let expected: Webhook = webhook;
    for (const [body, change] of steps) {
      const answer = await patch(webhook.id, body);
      expected = { ...expected, ...change, events: [...("events" in change ? change.events : expected.events)] };
      assert.deepEqual(answer.body, { ...expected, updatedAt: answer.body.updatedAt }, JSON.stringify(body));
      assert.deepEqual(await get(webhook.id), answer.body);
    }
  });

  it("are disabled with a reason, once, and enabled again", async () => {
    const { id } = await create();
    const disabled = (await patch(id, { enabled: false })).body;
    assert.deepEqual([disabled.enabled, disabled.disabledReason], [false, "Disabled by hand."]);
    assert(disabled.disabledAt !== null);
    assert.equal((await patch(id, { enabled: false })).body.disabledAt, disabled.disabledAt);
    assert.equal((await patch(id, { description: "still off" })).body.enabled, false);
    const { enabled, disabledAt, disabledReason } = (await patch(id, { enabled: true })).body;
    assert.deepEqual([enabled, disabledAt, disabledReason], [true, null, null]);
    await sql`UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'Gone.' WHERE id = ${id}`.execute(db);
    assert.equal((await patch(id, { enabled: false })).body.disabledReason, "Gone.");
  });

  it("do not change when any part of a change is refused", async () => {
    const { id } = await create({ description: "old" });
    const before = await get(id);
    const refused = [
      [{ url: "http://169.254.169.254/", description: "new", enabled: false }, "webhook-url-refused"],
      [{ url: "ftp://127.0.0.1/", events: ["order.rejected"] }, "webhook-url-refused"],
      [{ eventCode: "nowhere", description: "new" }, "event-not-found"],
      [{ description: "new", secret: "whsec_x" }, "validation-failed"],
      [{ events: [], description: "new" }, "validation-failed"],
      [{ enabled: "yes", description: "new" }, "validation-failed"],
      [{ url: null }, "validation-failed"],
      [{ description: "a\u0000b" }, "validation-failed"],
      [{}, "validation-failed"],
    ] as const;
    for (const [body, code] of refused) {
      assert.equal((await patch<Problem>(id, body)).body.code, code, JSON.stringify(body));
      assert.deepEqual(await get(id), before);
    }
  });

  it("are not registered with invalid fields", async () => {
    const before = await count();
    const bad = [
      { url: 1 },
      { url: "" },
      { url: null },
      { url: `https://example.com/${"x".repeat(2_048)}` },
      { events: [] },
      { events: ["order.confirmed", "order.confirmed"] },
      { events: ["order.paid"] },
      { events: ["webhook.ping"] },
      { events: "order.confirmed" },
      { events: undefined },
      { extra: 1 },
      { secret: "whsec_mine" },
      { id: "1" },
      { eventCode: null },
      { eventCode: "a b" },
      { description: "\n" },
      { description: "" },
      { description: "x".repeat(201) },
      { description: "\ud800" },
    ];
    for (const part of bad) {
      const body = { url: localUrl, events: ["order.confirmed"], ...part };
      const answer = await api.post<Problem>(path, body);
      assert.deepEqual([answer.status, answer.body.code], [400, "validation-failed"], JSON.stringify(part));
    }
    const unknown = { url: localUrl, events: ["order.confirmed"], eventCode: "nowhere" };
    assert.equal((await api.post<Problem>(path, unknown)).body.code, "event-not-found");
    assert.equal(await count(), before);
  });

  it("are refused with a hostile url, at registration and in a change, and nothing is stored", async () => {
    const own = await strictApi.post<CreatedWebhook>(path, { url: "https://8.8.8.8/", events: ["order.confirmed"] });
    assert.equal(own.status, 201);
    const before = [await count(), await get(own.body.id)];
    assert(hostileUrls.length >= 40);
    for (const url of hostileUrls) {
      const isBySchema = url === "" || url.length > 2_048;
      const answers = [
        await strictApi.post<Problem>(path, { url, events: ["order.confirmed"] }),
        await strictApi.request<Problem>("PATCH", `${path}/${own.body.id}`, { body: { url } }),
      ];
      for (const { status, body } of answers) {
        const code = isBySchema ? "validation-failed" : "webhook-url-refused";
        assert.deepEqual([status, body.code, body.errors?.[0]?.pointer], [400, code, "/url"], url);
      }
    }
    assert.deepEqual([await count(), await get(own.body.id)], before);
  });

  it("work without the sealing key, except for making secrets", async () => {
    const { id } = await create();
    const before = [await count(), (await readEndpoint(db, id)).secret];
    const attempts = [
      await keylessApi.post<Problem>(path, { url: localUrl, events: ["order.confirmed"] }),
      await keylessApi.post<Problem>(`${path}/${id}/rotate-secret`, undefined),
    ];
    for (const { status, body } of attempts) assert.deepEqual([status, body.code], [503, "webhooks-unavailable"]);
    assert.deepEqual([await count(), (await readEndpoint(db, id)).secret], before);
    assert.equal((await keylessApi.get(`${path}/${id}`)).status, 200);
    assert.equal((await keylessApi.get(path)).status, 200);
    assert.equal((await keylessApi.post(`${path}/${id}/ping`, undefined)).status, 202);
    assert.equal((await keylessApi.get(`${path}/${id}/deliveries`)).status, 200);
    assert.equal((await keylessApi.request("PATCH", `${path}/${id}`, { body: { enabled: false } })).status, 200);
    assert.equal((await keylessApi.request("DELETE", `${path}/${id}`)).status, 204);
  });

  it("are at most a hundred per account", async () => {
    for (let n = await count(); n < 100; n++) await createEndpoint(db, { accountId: defaultAccountId });
    const body = { url: localUrl, events: ["order.confirmed"] };
    const refused = await api.post<Problem>(path, body);
    assert.deepEqual([refused.status, refused.body.code, await count()], [409, "too-many-webhooks", 100]);
    const [newest] = (await api.get<WebhookList>(path)).body.content;
    await api.request("DELETE", `${path}/${newest?.id}`);
    assert.equal((await api.post(path, body)).status, 201);
  });
});
