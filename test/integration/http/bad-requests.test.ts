import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Problem } from "@onsale/contracts/problem";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { sendRaw } from "../../support/http/raw-http.ts";
import { createRefusals, type Refusals } from "../../support/http/refusals.ts";
import { type Service, startGateway } from "../../support/services/services.ts";

const purchasePath = "/api/v1/orders/purchase";

describe("bad requests, apart from their fields", () => {
  let gateway: Service;
  let api: Api;
  let eventCode: string;
  let countRows: Refusals["countRows"];
  let assertRefused: Refusals["assertRefused"];

  before(async () => {
    const databaseUrl = await createTestDatabase();
    gateway = await startGateway({ DATABASE_URL: databaseUrl });
    api = createApi(gateway.url);
    eventCode = await api.createEvent({ STANDARD: 10 });
    ({ countRows, assertRefused } = createRefusals(connect(databaseUrl, 1)));
  });

  const good = () => ({ eventCode, ticketType: "STANDARD", quantity: 1 });

  it("a body that is too large, or not JSON by its media type", async () => {
    const rawBody = JSON.stringify({ ...good(), customerRef: "x".repeat(17_000) });
    const headers = { "idempotency-key": newKey() };
    await assertRefused("payload-too-large", () => api.request("POST", purchasePath, { rawBody, headers }));
    for (const type of ["text/plain", "application/xml", "multipart/form-data", "nonsense"]) {
      const options = { rawBody: JSON.stringify(good()), headers: { ...headers, "content-type": type } };
      await assertRefused("unsupported-media-type", () => api.request("POST", purchasePath, options));
    }
  });

  it("unknown routes and methods", async () => {
    for (const path of ["/api", "/api/v1", "/api/v2/orders", "/api/v1/orders/purchase/", "/favicon.ico", "//orders"]) {
      await assertRefused("route-not-found", () => api.get<Problem>(path));
    }
    const wrong: [string, string, string][] = [
      ["DELETE", purchasePath, "GET, HEAD, POST"],
      ["PUT", purchasePath, "GET, HEAD, POST"],
      ["POST", "/api/v1/orders", "GET, HEAD"],
      ["DELETE", "/api/v1/orders/1", "GET, HEAD"],
      ["POST", `/api/v1/events/${eventCode}`, "GET, HEAD, PATCH"],
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

  it("messages that break the rules of HTTP", async () => {
    const head = `POST ${purchasePath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    const start = `${head}Idempotency-Key: raw\r\n`;
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

  it("a problem has exactly the members that its schema requires", async () => {
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
});
