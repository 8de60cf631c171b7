import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { OrderPage } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import fc from "fast-check";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { sendRaw } from "../../support/http/raw-http.ts";
import { createRefusals, type Refusals } from "../../support/http/refusals.ts";
import { type Service, startGateway } from "../../support/services/services.ts";

const purchasePath = "/api/v1/orders/purchase";
/** Texts that a column cannot store, or that no client can mean. */
const unstorable = ["\u0000", "a\u0000b", "\ud800", "\n", ""];
/** Valid wherever any text is, and harmless as long as it stays text. */
const injections = ["'; DROP TABLE orders; --", "../../etc/passwd", "<script>alert(1)</script>", "$1", "{{x}}"];

describe("bad input", () => {
  let gateway: Service;
  let api: Api;
  let databaseUrl: string;
  let eventCode: string;
  let assertRefused: Refusals["assertRefused"];

  before(async () => {
    databaseUrl = await createTestDatabase();
    gateway = await startGateway({ DATABASE_URL: databaseUrl });
    api = createApi(gateway.url);
    eventCode = await api.createEvent({ STANDARD: 10 });
    ({ assertRefused } = createRefusals(connect(databaseUrl, 1)));
  });

  const buy = (body: unknown, headers: Record<string, string> = { "idempotency-key": newKey() }) =>
    api.request<Problem>("POST", purchasePath, { body, headers });
  const newEvent = () => ({
    code: newKey(),
    name: "x",
    startTime: "2030-01-01T00:00:00Z",
    endTime: "2030-01-02T00:00:00Z",
  });
  const good = () => ({ eventCode, ticketType: "STANDARD", quantity: 1 });

  it("a body that is not JSON", async () => {
    const bodies = ["", "{", "{'a':1}", '{"a":1}}', "\u0000", "[".repeat(10_000), '{"__proto__":{"x":1}}', "NaN"];
    for (const rawBody of bodies) {
      const headers = { "idempotency-key": newKey() };
      await assertRefused("malformed-json", () => api.request("POST", purchasePath, { rawBody, headers }));
    }
  });

  it("JSON of the wrong shape, without coercion", async () => {
    const bodies: [string, unknown][] = [
      ["", []],
      ["", "text"],
      ["", null],
      ["", 1],
      ["/quantity", { ...good(), quantity: "1" }],
      ["/quantity", { ...good(), quantity: 1.5 }],
      ["/quantity", { ...good(), quantity: 0 }],
      ["/quantity", { ...good(), quantity: -1 }],
      ["/quantity", { ...good(), quantity: 1e300 }],
      ["/quantity", { ...good(), quantity: null }],
      ["/quantity", { ...good(), quantity: true }],
      ["/quantity", { ...good(), quantity: [1] }],
      ["/quantity", { eventCode, ticketType: "STANDARD" }],
      ["/ticketType", { ...good(), ticketType: "standard" }],
      ["/ticketType", { ...good(), ticketType: 7 }],
      ["/eventCode", { ...good(), eventCode: { $gt: "" } }],
      ["/customerRef", { ...good(), customerRef: "" }],
      ["/customerRef", { ...good(), customerRef: "x".repeat(129) }],
      ["/price", { ...good(), price: 0 }],
      ["/a~1b~0c", { ...good(), "a/b~c": 0 }],
    ];
    for (const [pointer, body] of bodies) {
      const problem = await assertRefused("validation-failed", () => buy(body));
      assert(
        problem.errors?.some((fault) => fault.pointer === pointer),
        JSON.stringify([pointer, problem]),
      );
    }
  });

  it("SQL, NUL bytes and lone surrogates in place of a code or a ticket type", async () => {
    for (const text of [...unstorable, ...injections]) {
      for (const field of ["eventCode", "ticketType"]) {
        await assertRefused("validation-failed", () => buy({ ...good(), [field]: text }));
      }
      for (const field of ["code", "startTime", "endTime"]) {
        await assertRefused("validation-failed", () => api.post("/api/v1/events", { ...newEvent(), [field]: text }));
      }
      if (text === "" || !text.isWellFormed()) continue;
      const encoded = encodeURIComponent(text);
      for (const path of [
        `events/${encoded}`,
        `inventory/${encoded}`,
        `orders?event=${encoded}`,
        `orders?status=${encoded}`,
      ]) {
        await assertRefused("validation-failed", () => api.get<Problem>(`/api/v1/${path}`));
      }
      const stock = `/api/v1/inventory/${eventCode}/${encoded}`;
      await assertRefused("validation-failed", () => api.put<Problem>(stock, { total: 1 }));
    }
  });

  it("text that cannot be stored is refused, and text that looks like code is stored as text", async () => {
    for (const text of unstorable) {
      await assertRefused("validation-failed", () => buy({ ...good(), customerRef: text }));
      await assertRefused("validation-failed", () => api.post("/api/v1/events", { ...newEvent(), name: text }));
    }
    for (const text of injections) {
      const customerRef = text.replaceAll(" ", "_");
      const order = await api.purchase({ eventCode, customerRef, key: `"${customerRef}"` });
      assert.equal((await api.order(order.body.id)).customerRef, customerRef);
      const event = await api.post<Event>("/api/v1/events", { ...newEvent(), name: text });
      assert.equal((await api.get<Event>(event.body.links.self)).body.name, text);
    }
  });

  it("invalid idempotency keys", async () => {
    await assertRefused("idempotency-key-missing", () => buy(good(), {}));
    for (const key of [
      "",
      '"',
      '""',
      '"open',
      "a b",
      "x".repeat(256),
      `"${"x".repeat(256)}"`,
      "ä",
      '"a"b',
      '"\\x"',
      "a\tb",
    ]) {
      await assertRefused("idempotency-key-invalid", () => buy(good(), { "idempotency-key": key }));
    }
    const body = JSON.stringify(good());
    const message = [
      `POST ${purchasePath} HTTP/1.1`,
      "Host: localhost",
      "Connection: close",
      "Content-Type: application/json",
      "Idempotency-Key: one",
      "Idempotency-Key: one",
      `Content-Length: ${body.length}`,
      "",
      body,
    ];
    const repeated = await sendRaw(gateway.url, message.join("\r\n"));
    assert.match(repeated, /^HTTP\/1.1 400 /);
    assert.match(repeated, /idempotency-key-invalid/);
  });

  it("invalid queries", async () => {
    const queries = [
      "page=-1",
      "page=1.5",
      "page=x",
      "page=10001",
      "size=0",
      "size=101",
      "size=",
      "unknown=1",
      "status=DONE",
    ];
    const cursors = [
      "cursor=%00",
      "cursor=!!!",
      "cursor=AAAA",
      `cursor=${Buffer.from("1.2.3.4").toString("base64url")}`,
    ];
    for (const query of [...queries, ...cursors, "page=0&cursor=AAAA", "page=0&page=1"]) {
      await assertRefused("validation-failed", () => api.get<Problem>(`/api/v1/orders?${query}`));
    }
    await assertRefused("validation-failed", () =>
      api.request("POST", `${purchasePath}?strategy=hopeful`, {
        body: good(),
        headers: { "idempotency-key": newKey() },
      }),
    );
  });

  it("a path that is too long", async () => {
    await assertRefused("uri-too-long", () => api.get<Problem>(`/api/v1/orders/${"x".repeat(300)}`));
  });

  it("cursors that no page gave", async () => {
    const made = (...parts: unknown[]) => Buffer.from(parts.join(".")).toString("base64url");
    const uuid = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";
    for (const cursor of [made(1, 2, 99_999_999_999), made(1, 5, 70, uuid), made(1, 2, "x"), made(1, 2)]) {
      await assertRefused("validation-failed", () => api.get<Problem>(`/api/v1/events?cursor=${cursor}`));
    }
    for (const cursor of [made(1, 2, 3), made(1, 2, 3, uuid, 4), made(1, 2, "1e5", uuid), made(-1, 2, 3, uuid)]) {
      await assertRefused("validation-failed", () => api.get<Problem>(`/api/v1/orders?cursor=${cursor}`));
    }
    await Promise.all([api.purchase({ eventCode }), api.purchase({ eventCode })]);
    const ofEvent = `orders?event=${eventCode}&size=1`;
    const { nextCursor } = (await api.get<OrderPage>(`/api/v1/${ofEvent}`)).body;
    assert.equal((await api.get(`/api/v1/${ofEvent}&cursor=${nextCursor}`)).status, 200);
    for (const path of ["orders?size=1", `${ofEvent}&status=HELD`, "orders?event=OTHER", "events?size=1"]) {
      await assertRefused("validation-failed", () => api.get<Problem>(`/api/v1/${path}&cursor=${nextCursor}`));
    }
  });

  it("any JSON is answered with a status below 500", async () => {
    const field = fc.oneof(
      fc.constant(eventCode),
      fc.constant("STANDARD"),
      fc.jsonValue(),
      fc.string({ unit: "binary" }),
    );
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({ eventCode: field, ticketType: field, quantity: field }),
      fc.dictionary(fc.string(), field),
    );
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const answer = await buy(value);
        assert(answer.status < 500, JSON.stringify(answer.body));
      }),
      { numRuns: 200 },
    );
  });
});
