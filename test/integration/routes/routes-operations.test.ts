import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { CreatedWebhook } from "@onsale/contracts/webhook";
import { type MetricDefinition, metricCatalogue } from "@onsale/observability/metric-catalogue";
import { createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, readMetric } from "../../support/http/api.ts";
import { type Service, startGateway, startNotifier, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

type Operation = Readonly<{
  summary?: string;
  tags?: string[];
  responses: Record<string, { description: string; content?: Record<string, { schema?: object; examples?: object }> }>;
}>;
type Document = Readonly<{
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: Readonly<{ schemas: Record<string, object> }>;
}>;

/** The names of a JSON value's fields, at any depth, with those of the schemas that it refers to. */
function fieldsOf(value: unknown, schemas: Record<string, object>, seen = new Set<unknown>()): string[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  return Object.entries(value).flatMap(([name, child]) => {
    const target = name === "$ref" ? schemas[String(child).replace(/^.*\//, "")] : child;
    return [name, ...fieldsOf(target, schemas, seen)];
  });
}

describe("documentation, health and metrics", () => {
  let gateway: Service;
  let worker: Service;
  let notifier: Service;
  let api: Api;
  let document: Document;

  before(async () => {
    const environment = {
      DATABASE_URL: await createTestDatabase(),
      WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
      WEBHOOK_ALLOW_PRIVATE: "1",
    };
    [gateway, worker, notifier] = await Promise.all([
      startGateway(environment),
      startWorker(environment),
      startNotifier(environment),
    ]);
    api = createApi(gateway.url);
    document = JSON.parse(await (await fetch(`${gateway.url}/api/v1/openapi.json`)).text());
  });

  it("answers have no patterns, because what was stored under earlier rules is answered as it is", () => {
    const { paths, components } = document;
    const responses = Object.values(paths).flatMap((methods) => Object.values(methods).map((one) => one.responses));
    const fields = new Set(fieldsOf(responses, components.schemas));
    assert(fields.has("ticketType") && fields.has("nextCursor") && fields.has("url"));
    for (const rule of ["pattern", "minLength", "maxLength"]) assert(!fields.has(rule), rule);
    assert(fieldsOf(paths, components.schemas).includes("pattern"));
  });

  it("the OpenAPI document has every route of the contract", () => {
    assert.match(document.openapi, /^3\.1\./);
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(routes.sort(), [
      "DELETE /api/v1/customers/{customerRef}",
      "DELETE /api/v1/events/{code}/access-codes/{id}",
      "DELETE /api/v1/webhooks/{id}",
      "GET /actuator/health",
      "GET /actuator/prometheus",
      "GET /api/v1/events",
      "GET /api/v1/events/{code}",
      "GET /api/v1/events/{code}/access-codes",
      "GET /api/v1/events/{code}/activity",
      "GET /api/v1/events/{code}/audit",
      "GET /api/v1/events/{code}/cancellation",
      "GET /api/v1/events/{code}/changes",
      "GET /api/v1/events/{code}/orders.csv",
      "GET /api/v1/events/{code}/orders.ndjson",
      "GET /api/v1/events/{code}/sales",
      "GET /api/v1/events/{code}/stream",
      "GET /api/v1/inventory/{eventCode}",
      "GET /api/v1/orders",
      "GET /api/v1/orders/{id}",
      "GET /api/v1/orders/{id}/history",
      "GET /api/v1/orders/{id}/stream",
      "GET /api/v1/webhooks",
      "GET /api/v1/webhooks/{id}",
      "GET /api/v1/webhooks/{id}/deliveries",
      "GET /livez",
      "GET /metrics",
      "GET /readyz",
      "PATCH /api/v1/events/{code}",
      "PATCH /api/v1/webhooks/{id}",
      "POST /api/v1/events",
      "POST /api/v1/events/{code}/access-codes",
      "POST /api/v1/events/{code}/cancel",
      "POST /api/v1/inventory/{eventCode}/move",
      "POST /api/v1/orders/purchase",
      "POST /api/v1/orders/{id}/cancel",
      "POST /api/v1/orders/{id}/confirm",
      "POST /api/v1/orders/{id}/extend",
      "POST /api/v1/webhooks",
      "POST /api/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver",
      "POST /api/v1/webhooks/{id}/ping",
      "POST /api/v1/webhooks/{id}/redeliver",
      "POST /api/v1/webhooks/{id}/rotate-secret",
      "PUT /api/v1/inventory/{eventCode}/{ticketType}",
    ]);
  });

  it("each route has a summary, a tag, and examples of its problems", () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        assert(operation.summary && operation.tags?.length, `${method} ${path} has no summary or tag`);
        for (const [status, answer] of Object.entries(operation.responses)) {
          const problem = answer.content?.["application/problem+json"];
          if (status >= "400" && path.startsWith("/api/")) {
            assert(problem?.examples, `${method} ${path} ${status} has no example`);
          }
        }
      }
    }
    const purchase = document.paths["/api/v1/orders/purchase"]?.post;
    assert.deepEqual(Object.keys(purchase?.responses ?? {}), [
      "200",
      "202",
      "400",
      "401",
      "403",
      "404",
      "409",
      "413",
      "414",
      "415",
      "421",
      "422",
      "429",
      "500",
      "503",
    ]);
  });

  it("a purchase documents every problem that it can get", () => {
    const responses = document.paths["/api/v1/orders/purchase"]?.post?.responses ?? {};
    const codesOf = (status: string) =>
      Object.keys(responses[status]?.content?.["application/problem+json"]?.examples ?? {}).sort();
    assert.deepEqual(codesOf("400"), [
      "bad-request",
      "customer-required",
      "idempotency-key-invalid",
      "idempotency-key-missing",
      "malformed-json",
      "validation-failed",
    ]);
    assert.deepEqual(codesOf("404"), ["access-code-not-found", "event-not-found", "ticket-type-not-found"]);
    const unavailable = [
      "customer-key-missing",
      "dependency-unavailable",
      "overloaded",
      "queue-full",
      "upgrade-in-progress",
    ];
    assert.deepEqual(codesOf("503"), unavailable);
  });

  it("the document is the same text at each of its paths, and is not sent again to a client that has it", async () => {
    const texts = new Set<string>();
    for (const path of ["/openapi.json", "/api/v1/openapi.json", "/docs/json"]) {
      const url = gateway.url + path;
      const first = await fetch(url);
      texts.add(await first.text());
      const etag = first.headers.get("etag") ?? "";
      assert.match(etag, /^"[\w-]+"$/, path);
      assert.equal(first.headers.get("cache-control"), "public, max-age=60", path);
      assert.equal(first.headers.get("content-type"), "application/json; charset=utf-8", path);
      const again = await fetch(url, { headers: { "if-none-match": `"other", ${etag}` } });
      assert.deepEqual([again.status, again.headers.get("etag"), await again.text()], [304, etag, ""], path);
      const other = await fetch(url, { method: "HEAD", headers: { "if-none-match": '"other"' } });
      assert.deepEqual([other.status, other.headers.get("etag")], [200, etag], path);
    }
    const [text = "", ...others] = texts;
    assert.deepEqual([JSON.parse(text), others], [document, []]);
  });

  it("every metric of the catalogue is served by exactly the services that the catalogue names", async () => {
    const expositions = {
      gateway: await (await fetch(`${gateway.url}/metrics`)).text(),
      worker: await (await fetch(`${worker.url}/metrics`)).text(),
      notifier: await (await fetch(`${notifier.url}/metrics`)).text(),
    };
    const definitions: [string, MetricDefinition][] = Object.entries(metricCatalogue);
    for (const [name, { type, from }] of definitions) {
      for (const service of ["gateway", "worker", "notifier"] as const) {
        const isThere = expositions[service].includes(`\n# TYPE ${name} ${type}\n`);
        assert.equal(isThere, from.includes(service), `${name} in ${service}`);
      }
    }
  });

  it("one scrape of a gateway shows its purchases and requests", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const before = await api.metric("orders_accepted_total");
    await Promise.all(["a", "b", "b"].map((key) => api.purchase({ eventCode, key: `scrape-${key}` })));
    await api.purchase({ eventCode, key: "scrape-b", quantity: 2 });
    await api.request("GET", "/nowhere");

    assert.equal((await api.metric("orders_accepted_total")) - before, 2);
    assert((await api.metric('idempotency_requests_total{result="replayed"}')) >= 1);
    assert((await api.metric('idempotency_requests_total{result="reused"}')) >= 1);
    assert((await api.metric("accept_batch_size_sum")) >= 4);
    const series =
      'http_server_request_duration_seconds_count{method="POST",route="/api/v1/orders/purchase",status="422"}';
    assert((await api.metric(series)) >= 1);
    assert(
      (await api.metric('http_server_request_duration_seconds_count{method="GET",route="unmatched",status="404"}')) >=
        1,
    );
    await untilTrue("nothing is pending", async () => (await api.metric("orders_pending")) === 0);
    const exposition = await (await fetch(`${gateway.url}/actuator/prometheus`)).text();
    assert.match(exposition, /queue_jobs\{queue="allocate-0",state="waiting"\} 0/);
  });

  it("one scrape of a notifier shows its attempts", async () => {
    // The gateway is the receiver, too: it answers 404.
    const webhook = { url: `${gateway.url}/nowhere`, events: ["order.confirmed"] };
    const { id } = (await api.post<CreatedWebhook>("/api/v1/webhooks", webhook)).body;
    await api.post(`/api/v1/webhooks/${id}/ping`, undefined);
    const metric = (line: string) => readMetric(`${notifier.url}/metrics`, line);
    await untilTrue(
      "an attempt is counted",
      async () => (await metric('webhook_attempts_total{result="http-error"}')) === 1,
    );
    assert.equal(await metric("webhook_attempt_duration_seconds_count"), 1);
    assert((await metric("webhook_oldest_undelivered_age_seconds")) > 0);
    const exposition = await (await fetch(`${notifier.url}/metrics`)).text();
    assert.match(exposition, /queue_jobs\{queue="deliver",state="waiting"\} \d+/);
  });

  it("a valid request id is kept, and an invalid one is replaced", async () => {
    const given = await api.get("/livez", { "x-request-id": "abc-123" });
    assert.equal(given.headers.get("x-request-id"), "abc-123");
    const made = await api.get("/livez", { "x-request-id": "not <harmless>" });
    assert.match(made.headers.get("x-request-id") ?? "", /^[0-9a-f]{8}-\d+$/);
  });
});
