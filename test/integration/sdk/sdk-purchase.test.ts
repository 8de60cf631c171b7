// Purchases with the published client, against answers that a real gateway gives rarely.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { NetworkError, ProblemError, PurchaseDeadlineError, purchase } from "../../../packages/client/src/index.ts";
import { json, problem, refusal, type ScriptedAnswer, scriptFetch, silence } from "../../support/sdk/scripted-fetch.ts";
import { untilTrue } from "../../support/until.ts";

const baseUrl = "https://tickets.example.com";
const request = { eventCode: "EVNT-ROCK-2025", ticketType: "STANDARD", quantity: 2 };
const pending = { id: "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10", ...request, status: "PENDING", version: 1 };
const confirmed = { ...pending, status: "CONFIRMED", version: 2 };
const now = { "retry-after": "0" };

const html: ScriptedAnswer = () =>
  new Response("<html>Bad Gateway</html>", { status: 502, headers: { "content-type": "text/html" } });

const brokenBody: ScriptedAnswer = () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) });
  return new Response(body, { status: 200 });
};

describe("purchase, of the published client", () => {
  it("is retried with the same key after every temporary error, until it is decided", async () => {
    const script = scriptFetch(
      refusal,
      json(503, problem(503, "overloaded", true), now),
      json(503, problem(503, "queue-full", true), now),
      json(429, problem(429, "too-many-requests", false), { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }),
      html,
      brokenBody,
      json(500, problem(500, "internal-error", true), now),
      json(408, problem(408, "request-timeout", true), now),
      json(202, pending),
      refusal,
      html,
      () => new Response(null, { status: 304 }),
      json(200, confirmed),
    );
    const order = await purchase({ baseUrl, fetch: script.fetch }, request);

    assert.equal(order.status, "CONFIRMED");
    const purchases = script.asked.filter(({ method }) => method === "POST");
    assert.equal(purchases.length, 9);
    const [key, ...otherKeys] = new Set(purchases.map(({ headers }) => headers.get("idempotency-key")));
    assert.match(key ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(otherKeys, []);
    for (const { url, body, headers } of purchases) {
      assert.equal(url.href, `${baseUrl}/api/v1/orders/purchase`);
      assert.deepEqual(JSON.parse(body ?? ""), request);
      assert.match(headers.get("prefer") ?? "", /^wait=([1-9]|10)$/);
    }
    const reads = script.asked.slice(9);
    assert.equal(reads.length, 4);
    for (const { method, url, headers } of reads) {
      assert.deepEqual([method, url.pathname], ["GET", `/api/v1/orders/${pending.id}`]);
      assert.equal(headers.get("if-none-match"), '"1"');
      assert.match(headers.get("prefer") ?? "", /^wait=/);
      assert.equal(headers.get("idempotency-key"), null);
    }
  });

  it("is not retried when it is sold out, also while tickets are held that may come back", async () => {
    const soldOut = { ...problem(409, "sold-out", true), held: 2 };
    const error = await failureOf(purchase({ baseUrl, fetch: scriptFetch(json(409, soldOut)).fetch }, request));
    assert(error instanceof ProblemError);
    assert.deepEqual([error.code, error.retryable, error.problem.held], ["sold-out", true, 2]);
  });

  it("is not retried after a permanent problem, which is thrown with all its fields", async () => {
    const errors = [{ pointer: "/quantity", detail: "must be >= 1" }];
    const { fetch, asked } = scriptFetch(json(400, { ...problem(400, "validation-failed", false), errors }));
    const error = await failureOf(purchase({ baseUrl, fetch }, request));
    assert(error instanceof ProblemError);
    assert.deepEqual([error.status, error.code, error.retryable], [400, "validation-failed", false]);
    assert.deepEqual(error.problem.errors, errors);
    assert.equal(error.message, "A sentence. (400 validation-failed)");
    assert.equal(asked.length, 1);
  });

  it("is not retried when another server answers 200", async () => {
    const { fetch } = scriptFetch(() => new Response("<html>Welcome to our network</html>"));
    const error = await failureOf(purchase({ baseUrl, fetch }, request));
    assert(error instanceof ProblemError);
    assert.deepEqual([error.status, error.code, error.retryable], [200, "unexpected-answer", false]);
  });

  it("throws the key for another try when there is no answer in time", async () => {
    const { fetch } = scriptFetch(silence);
    const options = { idempotencyKey: "order-4711", deadlineMs: 50 };
    const error = await failureOf(purchase({ baseUrl, fetch }, request, options));
    assert(error instanceof PurchaseDeadlineError);
    assert.deepEqual([error.idempotencyKey, error.retryable], ["order-4711", true]);
    assert(error.cause instanceof NetworkError);
  });

  it("ends at once when the server asks for a pause beyond the deadline", async () => {
    const { fetch, asked } = scriptFetch(json(503, problem(503, "overloaded", true), { "retry-after": "3600" }));
    const error = await failureOf(purchase({ baseUrl, fetch }, request, { deadlineMs: 600_000 }));
    assert(error instanceof PurchaseDeadlineError && error.cause instanceof ProblemError);
    assert.equal(error.cause.retryAfterMs, 3_600_000);
    assert.equal(asked.length, 1);
  });

  it("returns the recorded order when there are no more answers", async () => {
    const { fetch } = scriptFetch(json(202, pending), silence);
    const order = await purchase({ baseUrl, fetch }, request, { deadlineMs: 50 });
    assert.equal(order.status, "PENDING");
  });

  it("returns the recorded order when the API refuses to show it", async () => {
    const { fetch, asked } = scriptFetch(json(202, pending), json(401, problem(401, "api-key-invalid", false)));
    assert.equal((await purchase({ baseUrl, fetch }, request)).status, "PENDING");
    assert.equal(asked.length, 2);
  });

  it("ends at once when its signal aborts: before, during a request, between two, and during the wait", async () => {
    const reason = new Error("the buyer has left");
    const aborted = scriptFetch();
    const signal = AbortSignal.abort(reason);
    assert.equal(await failureOf(purchase({ baseUrl, fetch: aborted.fetch }, request, { signal })), reason);

    const later = { "retry-after": "20" };
    const scripts = [[silence], [json(503, problem(503, "overloaded", true), later)], [json(202, pending), silence]];
    for (const answers of scripts) {
      const { fetch, asked } = scriptFetch(...answers);
      const buyer = new AbortController();
      const failure = failureOf(purchase({ baseUrl, fetch }, request, { signal: buyer.signal }));
      await untilTrue("all requests are made", () => asked.length === answers.length);
      buyer.abort(reason);
      assert.equal(await failure, reason);
    }
  });

  it("sends the strategy, the customer and the API key, to a base URL with a path", async () => {
    const { fetch, asked } = scriptFetch(json(200, confirmed));
    const client = { baseUrl: `${baseUrl}/shop/`, apiKey: "secret", fetch };
    await purchase(client, { ...request, customerRef: "customer-4711" }, { strategy: "pessimistic" });
    assert.equal(asked[0]?.url.href, `${baseUrl}/shop/api/v1/orders/purchase?strategy=pessimistic`);
    assert.equal(asked[0]?.headers.get("authorization"), "Bearer secret");
    assert.deepEqual(JSON.parse(asked[0]?.body ?? ""), { ...request, customerRef: "customer-4711" });
  });

  it("throws a TypeError for a key or base URL that cannot be sent, and no NetworkError", async () => {
    const { fetch, asked } = scriptFetch();
    assert((await failureOf(purchase({ baseUrl, fetch }, request, { idempotencyKey: "a\nb" }))) instanceof TypeError);
    assert((await failureOf(purchase({ baseUrl: "tickets", fetch }, request))) instanceof TypeError);
    assert.equal(asked.length, 0);
  });
});

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  );
}
