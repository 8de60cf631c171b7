// Confirming, cancelling and extending with the published client, against answers that a real gateway gives rarely.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { cancel, confirm, extend, OrderDeadlineError, ProblemError } from "../../../packages/client/src/index.ts";
import { json, problem, refusal, scriptFetch, silence } from "../../support/sdk/scripted-fetch.ts";

const baseUrl = "https://tickets.example.com";
const id = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";
const now = { "retry-after": "0" };
const order = (status: string, version = 3) => ({ id, status, version });

describe("confirm, of the published client", () => {
  it("is repeated after temporary errors, and until a late payment is decided", async () => {
    const script = scriptFetch(
      refusal,
      json(503, problem(503, "overloaded", true), now),
      json(409, { ...problem(409, "order-undecided", true), orderStatus: "PENDING" }, now),
      json(202, order("EXPIRED"), now),
      refusal,
      json(202, order("EXPIRED"), now),
      json(200, order("CONFIRMED", 4)),
    );
    const confirmed = await confirm({ baseUrl, fetch: script.fetch }, id, { paymentReference: "pay_1" });

    assert.equal(confirmed.status, "CONFIRMED");
    assert.equal(script.asked.length, 7);
    for (const { method, url, body, headers } of script.asked) {
      assert.deepEqual([method, url.pathname], ["POST", `/api/v1/orders/${id}/confirm`]);
      assert.deepEqual(JSON.parse(body ?? ""), { paymentReference: "pay_1" });
      assert.match(headers.get("prefer") ?? "", /^wait=([1-9]|10)$/);
    }
  });

  it("waits as long as the server asks before it asks again", async () => {
    const { fetch, asked } = scriptFetch(json(202, order("EXPIRED"), { "retry-after": "60" }));
    await assert.rejects(confirm({ baseUrl, fetch }, id, { deadlineMs: 300 }), OrderDeadlineError);
    assert.equal(asked.length, 1);
  });

  it("throws a refusal at once, with its code and the order's status", async () => {
    const refused = { ...problem(409, "hold-expired", false), orderStatus: "EXPIRED" };
    const { fetch, asked } = scriptFetch(json(202, order("EXPIRED"), now), json(409, refused));
    const error = await failureOf(confirm({ baseUrl, fetch }, id));
    assert(error instanceof ProblemError);
    assert.deepEqual([error.code, error.orderStatus, asked.length], ["hold-expired", "EXPIRED", 2]);
  });

  it("never returns an order that is not confirmed: at the deadline it throws", async () => {
    const script = scriptFetch(json(202, order("EXPIRED"), now), silence);
    const error = await failureOf(confirm({ baseUrl, fetch: script.fetch }, id, { deadlineMs: 300 }));
    assert(error instanceof OrderDeadlineError);
    assert.deepEqual([error.orderId, error.idempotencyKey, error.retryable], [id, null, true]);
  });

  it("ends with the signal's reason when it is aborted between two tries", async () => {
    const leaving = new AbortController();
    const { fetch } = scriptFetch((asked) => {
      setImmediate(() => leaving.abort(new Error("left")));
      return json(202, order("EXPIRED"), { "retry-after": "20" })(asked);
    });
    await assert.rejects(confirm({ baseUrl, fetch }, id, { signal: leaving.signal }), /left/);
  });
});

describe("cancel and extend, of the published client", () => {
  it("are repeated with the same key, which they make themselves, and the same condition", async () => {
    const items = [{ ticketType: "VIP", quantity: 1, unitPrice: { amount: 1, currency: "EUR" } }];
    for (const action of ["cancel", "extend"] as const) {
      const script = scriptFetch(
        refusal,
        json(500, problem(500, "internal-error", true), now),
        json(200, order("HELD")),
      );
      const client = { baseUrl, fetch: script.fetch };
      if (action === "cancel") await cancel(client, id, { items, reason: "rain", ifMatch: 2 });
      else await extend(client, id, 120, { ifMatch: 2 });

      assert.equal(script.asked.length, 3);
      const [key, ...otherKeys] = new Set(script.asked.map(({ headers }) => headers.get("idempotency-key")));
      assert.match(key ?? "", /^[0-9a-f-]{36}$/);
      assert.deepEqual(otherKeys, []);
      const expected =
        action === "cancel" ? { items: [{ ticketType: "VIP", quantity: 1 }], reason: "rain" } : { holdSeconds: 120 };
      for (const { url, body, headers } of script.asked) {
        assert.equal(url.pathname, `/api/v1/orders/${id}/${action}`);
        assert.deepEqual(JSON.parse(body ?? ""), expected);
        assert.deepEqual([headers.get("if-match"), headers.get("prefer")], ['"2"', null]);
      }
    }
  });

  it("throw the key for another try at the deadline", async () => {
    const { fetch } = scriptFetch(silence, silence);
    for (const failing of [
      cancel({ baseUrl, fetch }, id, { idempotencyKey: "mine", deadlineMs: 200 }),
      extend({ baseUrl, fetch }, id, 60, { idempotencyKey: "mine", deadlineMs: 200 }),
    ]) {
      const error = await failureOf(failing);
      assert(error instanceof OrderDeadlineError);
      assert.equal(error.idempotencyKey, "mine");
      assert.match(error.message, /again with the idempotency key mine$/);
    }
  });
});

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  );
}
