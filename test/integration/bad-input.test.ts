import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { Problem } from "@onsale/contracts/problem";
import fc from "fast-check";
import { sql } from "kysely";
import { type Api, createApi, newKey } from "../support/api.ts";
import { connect, createTestDatabase } from "../support/database.ts";
import { sendRaw } from "../support/raw-http.ts";
import { type Service, startGateway } from "../support/services.ts";

const purchasePath = "/api/v1/orders/purchase";
/** No column can hold these as they are, or nobody could mean them. */
const unstorable = ["\u0000", "a\u0000b", "\ud800", "\n", ""];
/** Harmless where any text may stand, if it stays text. */
const injections = ["'; DROP TABLE orders; --", "../../etc/passwd", "<script>alert(1)</script>", "$1", "{{x}}"];

describe("bad input", () => {
  let gateway: Service;
  let api: Api;
  let databaseUrl: string;
  let eventCode: string;

  before(async () => {
    databaseUrl = await createTestDatabase();
    gateway = await startGateway({ DATABASE_URL: databaseUrl });
    api = createApi(gateway.url);
    eventCode = await api.createEvent({ STANDARD: 10 });
  });

  async function countRows(): Promise<number[]> {
    const { rows } = await sql<{ counts: number[] }>`
      SELECT ARRAY[(SELECT count(*) FROM orders), (SELECT count(*) FROM events), (SELECT count(*) FROM inventory),
                   (SELECT sum(total) FROM inventory)]::int[] AS counts`.execute(connect(databaseUrl, 1));
    return rows[0]?.counts ?? [];
  }

  /** Whatever it is, it is answered with a problem of the class 4xx, and nothing is stored. */
  async function assertRefused(
    expected: string,
    send: () => Promise<{ status: number; body: Problem }>,
  ): Promise<Problem> {
    const rowsBefore = await countRows();
    const { status, body } = await send();
    assert(status >= 400 && status < 500, `${status} ${JSON.stringify(body)}`);
    assert.deepEqual([body.code, body.status], [expected, status], JSON.stringify(body));
    assert.deepEqual(await countRows(), rowsBefore);
    return body;
  }

  const buy = (body: unknown, headers: Record<string, string> = { "idempotency-key": newKey() }) =>
    api.request<Problem>("POST", purchasePath, { body, headers });
  const newEvent = () => ({
    ...{ code: newKey(), name: "x", startTime: "2030-01-01T00:00:00Z", endTime: "2030-01-02T00:00:00Z" },
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

  it("SQL, NUL bytes and lone surrogates where a code or a ticket type should be", async () => {
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

  it("text that cannot be stored is refused; text that looks like code is stored as text", async () => {
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

  it("odd idempotency keys", async () => {
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
    const repeated = await sendRaw(
      gateway.url,
      `POST ${purchasePath} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n` +
        `Idempotency-Key: one\r\nIdempotency-Key: one\r\nContent-Length: ${JSON.stringify(good()).length}\r\n\r\n${JSON.stringify(good())}`,
    );
    assert.match(repeated, /^HTTP\/1.1 400 /);
    assert.match(repeated, /idempotency-key-invalid/);
  });

  it("odd queries", async () => {
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

  it("cursors that were made up", async () => {
    const made = (...parts: unknown[]) => Buffer.from(parts.join(".")).toString("base64url");
    const uuid = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";
    for (const cursor of [made(1, 2, 99_999_999_999), made(1, 5, 70, uuid), made(1, 2, "x"), made(1, 2)]) {
      await assertRefused("validation-failed", () => api.get<Problem>(`/api/v1/events?cursor=${cursor}`));
    }
    for (const cursor of [made(1, 2, 3), made(1, 2, 3, uuid, 4), made(1, 2, "1e5", uuid), made(-1, 2, 3, uuid)]) {
      await assertRefused("validation-failed", () => api.get<Problem>(`/api/v1/orders?cursor=${cursor}`));
    }
    assert.equal((await api.get(`/api/v1/orders?cursor=${made(1, 2, "999999999999999", uuid)}`)).status, 200);
  });

  it("a body that is too large, or of another type", async () => {
    const rawBody = JSON.stringify({ ...good(), customerRef: "x".repeat(17_000) });
    const headers = { "idempotency-key": newKey() };
    await assertRefused("payload-too-large", () => api.request("POST", purchasePath, { rawBody, headers }));
    for (const type of ["text/plain", "application/xml", "multipart/form-data", "nonsense"]) {
      const options = { rawBody: JSON.stringify(good()), headers: { ...headers, "content-type": type } };
      await assertRefused("unsupported-media-type", () => api.request("POST", purchasePath, options));
    }
  });

  it("unknown routes and methods", async () => {
    for (const path of [
      "/",
      "/api",
      "/api/v1",
      "/api/v2/orders",
      "/api/v1/orders/purchase/",
      "/favicon.ico",
      "//orders",
    ]) {
      await assertRefused("route-not-found", () => api.get<Problem>(path));
    }
    const wrong: [string, string, string][] = [
      ["DELETE", purchasePath, "GET, HEAD, POST"],
      ["PUT", purchasePath, "GET, HEAD, POST"],
      ["POST", "/api/v1/orders", "GET, HEAD"],
      ["DELETE", "/api/v1/orders/1", "GET, HEAD"],
      ["PATCH", `/api/v1/events/${eventCode}`, "GET, HEAD"],
      ["POST", "/livez", "GET, HEAD"],
    ];
    for (const [method, path, allow] of wrong) {
      await assertRefused("method-not-allowed", async () => {
        const answer = await api.request<Problem>(method, path);
        assert.equal(answer.headers.get("allow"), allow, `${method} ${path}`);
        return answer;
      });
    }
  });

  it("what is hardly HTTP", async () => {
    const start = `POST ${purchasePath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: raw\r\n`;
    const messages: [number, string][] = [
      [400, "nonsense\r\n\r\n"],
      [400, "BREW /coffee HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      [400, `${start}Content-Length: nine\r\n\r\n`],
      [400, `${start}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`],
      [400, "GET /api/v1/events/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
      [431, `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
    ];
    const rowsBefore = await countRows();
    for (const [status, message] of messages) {
      const answer = await sendRaw(gateway.url, message);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), message.slice(0, 80));
      assert.match(answer, /content-type: application\/problem\+json/i, message.slice(0, 80));
    }
    assert.deepEqual(await countRows(), rowsBefore);
  });

  it("a problem has every member that it should, and nothing internal", async () => {
    const problem = await assertRefused("event-not-found", () =>
      api.get<Problem>("/api/v1/events/nowhere?x=1".split("?")[0] ?? ""),
    );
    assert.deepEqual(Object.keys(problem).sort(), [
      "code",
      "detail",
      "instance",
      "requestId",
      "retryable",
      "status",
      "title",
      "type",
    ]);
    assert.equal(problem.type, "urn:onsale:problem:event-not-found");
    assert.equal(problem.instance, "/api/v1/events/nowhere");
  });

  it("any JSON at all is answered below 500, and only what is valid is stored", async () => {
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
