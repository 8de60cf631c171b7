// Tries every route of the gateway's OpenAPI document with every kind of key. Each request comes from an address of its
// own, because attempts without a valid key are limited per address.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { CreatedAccessCode } from "@onsale/contracts/access-code";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { CreatedWebhook, Delivery } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";
import { generateApiKey } from "@onsale/security/api-key";
import { type ApiScope, isApiScope } from "@onsale/security/api-scope";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount } from "../../support/database/factories.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { allScopes, createKey } from "../../support/services/api-keys.ts";
import { type Service, startGateway } from "../../support/services/services.ts";

type Operation = Readonly<{ security?: readonly Readonly<{ apiKey: readonly string[] }>[] }>;
type Route = Readonly<{ method: string; pattern: string; name: string; scope: ApiScope | "any" | undefined }>;

let addressCount = 0;

/** An address that no other request of this file came from. */
function newAddress(): string {
  addressCount++;
  return `198.51.${addressCount >> 8}.${addressCount & 255}`;
}

describe("every route", () => {
  let db: Db;
  let gateway: Service;
  let routes: readonly Route[];
  let owner: Api;
  let order: Order;
  let accessCodeId = "";
  let webhookId: string;
  let deliveryId: string;
  const eventCode = newKey();

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    gateway = await startGateway({
      AUTH: "keys",
      DATABASE_URL: databaseUrl,
      TRUST_PROXY: "loopback",
      WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
      CUSTOMER_KEY: randomBytes(32).toString("base64"),
      WEBHOOK_ALLOW_PRIVATE: "1",
    });
    const document: { paths: Record<string, Record<string, Operation>> } = JSON.parse(
      await (await fetch(`${gateway.url}/openapi.json`)).text(),
    );
    routes = Object.entries(document.paths).flatMap(([pattern, methods]) =>
      Object.entries(methods).map(([method, { security = [] }]) => {
        const [scope = "any"] = security[0]?.apiKey ?? [];
        assert(scope === "any" || isApiScope(scope), scope);
        const upper = method.toUpperCase();
        const needed = security.length === 0 ? undefined : scope;
        return { method: upper, pattern, name: `${upper} ${pattern}`, scope: needed };
      }),
    );
    owner = createApi(gateway.url, (await createKey(db)).key);
    await owner.createEvent({ STANDARD: 5, VIP: 1 }, eventCode);
    const newCode = { count: 1, ticketTypes: ["VIP"], maxUses: 1 };
    const codes = await owner.post<CreatedAccessCode[]>(`/api/v1/events/${eventCode}/access-codes`, newCode);
    accessCodeId = String(codes.body[0]?.id);
    order = (await owner.purchase({ eventCode })).body;
    webhookId = (await owner.post<CreatedWebhook>("/api/v1/webhooks", newWebhook)).body.id;
    deliveryId = (await owner.post<Delivery>(`/api/v1/webhooks/${webhookId}/ping`, undefined)).body.id;
  });

  const newWebhook = { url: "https://receiver.example.com/", events: ["order.confirmed"] };
  const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
  const bodies: Readonly<Record<string, () => unknown>> = {
    "POST /api/v1/events": () => ({ code: newKey(), name: "A show", ...times }),
    "PATCH /api/v1/events/{code}": () => ({ name: "Another show" }),
    "PUT /api/v1/inventory/{eventCode}/{ticketType}": () => ({ total: 9 }),
    "POST /api/v1/inventory/{eventCode}/move": () => ({ from: "VIP", to: "STANDARD", quantity: 1, reason: "a test" }),
    "POST /api/v1/events/{code}/access-codes": () => ({ count: 1, ticketTypes: ["VIP"], maxUses: 1 }),
    "POST /api/v1/orders/purchase": () => ({ eventCode, ticketType: "STANDARD", quantity: 1 }),
    "POST /api/v1/webhooks": () => ({ ...newWebhook, eventCode }),
    "POST /api/v1/orders/{id}/extend": () => ({ holdSeconds: 60 }),
    "PATCH /api/v1/webhooks/{id}": () => ({ description: "changed" }),
    "POST /api/v1/webhooks/{id}/redeliver": () => ({ from: times.startTime, to: times.endTime }),
  };

  /** Sends a request that the owner of the data could send. Closes streams once their headers are there. */
  async function send({ method, pattern, name }: Route, authorization: string | undefined) {
    const isOfCode = pattern.includes("/access-codes/");
    const id = isOfCode ? accessCodeId : pattern.includes("/orders/") ? order.id : webhookId;
    const values = { code: eventCode, eventCode, ticketType: "STANDARD", customerRef: "customer-4711", id, deliveryId };
    const path = Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), pattern);
    const body = bodies[name]?.();
    const response = await fetch(gateway.url + path, {
      method,
      headers: {
        "x-forwarded-for": newAddress(),
        "idempotency-key": newKey(),
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    if (method === "HEAD" || !/[/+]json/.test(headers.get("content-type") ?? "")) {
      await response.body?.cancel();
      return { status, headers, problem: undefined };
    }
    const problem: Problem & { content?: unknown[] } = JSON.parse(await response.text());
    return { status, headers, problem };
  }

  const guarded = () => routes.filter(({ scope }) => scope !== undefined);

  async function assertUnauthorized(authorization: string | undefined, challenge: RegExp): Promise<void> {
    assert(guarded().length >= 20);
    for (const route of guarded()) {
      const { status, headers, problem } = await send(route, authorization);
      assert.deepEqual([status, problem?.code], [401, "unauthorized"], route.name);
      assert.match(headers.get("www-authenticate") ?? "", challenge, route.name);
    }
  }

  it("names its scope; only health needs no key", () => {
    const open = routes.filter(({ scope }) => scope === undefined).map(({ name }) => name);
    assert.deepEqual(open.sort(), ["GET /actuator/health", "GET /livez", "GET /readyz"]);
    const scopeOf = (name: string) => routes.find((route) => route.name === name)?.scope;
    assert.equal(scopeOf("POST /api/v1/orders/purchase"), "orders:write");
    assert.equal(scopeOf("GET /api/v1/orders"), "orders:read");
    assert.equal(scopeOf("POST /api/v1/events"), "events:write");
    assert.equal(scopeOf("PATCH /api/v1/events/{code}"), "events:write");
    assert.equal(scopeOf("GET /api/v1/events/{code}/activity"), "admin");
    assert.equal(scopeOf("PUT /api/v1/inventory/{eventCode}/{ticketType}"), "inventory:write");
    assert.equal(scopeOf("DELETE /api/v1/webhooks/{id}"), "webhooks:manage");
    assert.equal(scopeOf("GET /api/v1/events/{code}/audit"), "admin");
    assert.equal(scopeOf("GET /api/v1/inventory/{eventCode}"), "any");
  });

  it("is refused without a key", async () => {
    await assertUnauthorized(undefined, /^Bearer realm="onsale"$/);
    await assertUnauthorized(`Basic ${btoa("user:password")}`, /^Bearer realm="onsale"$/);
    await assertUnauthorized("", /^Bearer realm="onsale"$/);
  });

  it("is refused for HEAD, too", async () => {
    for (const route of guarded().filter(({ method }) => method === "GET")) {
      const { status } = await send({ ...route, method: "HEAD" }, undefined);
      assert(status === 401 || status === 405, `${route.name}: ${status}`);
    }
  });

  it("is refused with a malformed key", async () => {
    const { key } = await createKey(db);
    await assertUnauthorized(`Bearer ${key.slice(0, -1)}`, /error="invalid_token"/);
  });

  it("is refused with an unknown key", async () => {
    await assertUnauthorized(`Bearer ${generateApiKey().key}`, /error="invalid_token"/);
  });

  it("is refused with an expired key", async () => {
    const { key } = await createKey(db, { expiresAt: new Date(Date.now() - 1) });
    await assertUnauthorized(`Bearer ${key}`, /error="invalid_token", error_description="This API key expired at 20/);
  });

  it("is refused with a revoked key", async () => {
    const { id, key } = await createKey(db);
    await revokeApiKey(db, id);
    await assertUnauthorized(`Bearer ${key}`, /error="invalid_token", error_description="This API key is revoked/);
  });

  it("is refused with every scope but its own", async () => {
    for (const route of guarded()) {
      if (route.scope === "any" || route.scope === undefined) continue;
      const scopes = allScopes.filter((scope) => scope !== route.scope && scope !== "admin");
      const { key } = await createKey(db, { scopes });
      const { status, headers, problem } = await send(route, `Bearer ${key}`);
      assert.deepEqual([status, problem?.code], [403, "insufficient-scope"], route.name);
      assert.match(headers.get("www-authenticate") ?? "", new RegExp(`insufficient_scope", scope="${route.scope}"$`));
    }
  });

  it("shows and changes nothing of another account", async () => {
    const { key } = await createKey(db, { accountId: await createAccount(db) });
    for (const route of guarded()) {
      const { status, problem } = await send(route, `Bearer ${key}`);
      // A customer's reference belongs to each account that uses it.
      if (route.pattern.includes("{customerRef}")) continue;
      const isAboutOwner =
        route.pattern.includes("{") || JSON.stringify(bodies[route.name]?.() ?? "").includes(eventCode);
      if (isAboutOwner) assert.equal(status, 404, route.name);
      else if (problem?.content !== undefined) {
        const shown = JSON.stringify(problem.content);
        for (const secret of [eventCode, order.id, webhookId]) assert(!shown.includes(secret), route.name);
      }
    }
  });

  it("about all accounts is refused for every account but the default one, with the reason", async () => {
    const { key } = await createKey(db, { accountId: await createAccount(db) });
    for (const path of ["/metrics", "/actuator/prometheus"]) {
      const { status, headers, problem } = await send(
        { method: "GET", pattern: path, name: path, scope: "admin" },
        `Bearer ${key}`,
      );
      assert.deepEqual([status, problem?.code], [403, "insufficient-scope"], path);
      assert.match(problem?.detail ?? "", /about all accounts, so it takes an API key of the account default/);
      assert.match(headers.get("www-authenticate") ?? "", /"insufficient_scope", error_description="This is about/);
    }
  });

  it("changed nothing for any of these requests", async () => {
    assert.deepEqual(
      (await owner.inventory(eventCode)).map(({ total }) => total),
      [5, 1],
    );
    assert.equal((await owner.get<{ totalElements: number }>("/api/v1/orders")).body.totalElements, 1);
    assert.equal((await owner.get<{ totalElements: number }>("/api/v1/events")).body.totalElements, 1);
    const webhooks = (await owner.get<{ content: { description?: string }[] }>("/api/v1/webhooks")).body.content;
    assert.equal(webhooks.length, 1);
    assert.notEqual(webhooks[0]?.description, "changed");
  });

  it("is allowed with its own scope alone, or with any key where it needs no scope", async () => {
    const isLast = ({ method, name }: Route) =>
      Number(method === "DELETE" || name === "POST /api/v1/events/{code}/cancel");
    for (const route of guarded().toSorted((a, b) => isLast(a) - isLast(b))) {
      const scope = route.scope === undefined || route.scope === "any" ? "webhooks:manage" : route.scope;
      const { key } = await createKey(db, { scopes: [scope] });
      const { status, problem } = await send(route, `bearer  ${key}`);
      // No worker decides the order here.
      const isAllowed = problem?.code === "order-undecided" || problem?.code === "cancellation-not-found";
      assert(status < 300 || isAllowed, `${route.name}: ${status}`);
    }
  });

  it("with documentation is public, and an unknown path is 404 or 405", async () => {
    for (const path of ["/", "/openapi.json", "/api/v1/openapi.json", "/docs/", "/swagger-ui/static/swagger-ui.css"]) {
      const response = await fetch(gateway.url + path);
      await response.body?.cancel();
      assert.equal(response.status, 200, path);
    }
    assert.equal((await fetch(`${gateway.url}/nowhere`)).status, 404);
    assert.equal((await fetch(`${gateway.url}/api/v1/events`, { method: "DELETE" })).status, 405);
  });
});
