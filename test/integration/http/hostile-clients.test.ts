import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { Problem } from "@onsale/contracts/problem";
import type { CreatedWebhook } from "@onsale/contracts/webhook";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { sendRaw } from "../../support/http/raw-http.ts";
import { createRefusals, type Refusals } from "../../support/http/refusals.ts";
import { type Service, startGateway } from "../../support/services/services.ts";

const eventsPath = "/api/v1/events";

describe("what odd and hostile clients send", () => {
  let gateway: Service;
  let api: Api;
  let countRows: Refusals["countRows"];
  let assertRefused: Refusals["assertRefused"];

  before(async () => {
    const databaseUrl = await createTestDatabase();
    gateway = await startGateway({
      DATABASE_URL: databaseUrl,
      WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
      WEBHOOK_ALLOW_PRIVATE: "1",
    });
    api = createApi(gateway.url);
    ({ countRows, assertRefused } = createRefusals(connect(databaseUrl, 1)));
  });

  const newEvent = (part: object = {}) => ({
    code: newKey(),
    name: "Rock Festival",
    startTime: "2030-01-01T00:00:00Z",
    endTime: "2030-01-02T00:00:00Z",
    ...part,
  });
  /** Sends bytes as the body of a new event. */
  const sendBytes = async (body: Uint8Array, headers: Record<string, string> = {}) => {
    const type = { "content-type": "application/json", ...headers };
    const response = await fetch(gateway.url + eventsPath, {
      method: "POST",
      body: new Uint8Array(body),
      headers: type,
    });
    const problem: Problem = JSON.parse(await response.text());
    return { status: response.status, body: problem };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  it("a body that is not UTF-8 is refused, and one that is stays as it is", async () => {
    const [start = "", end = ""] = JSON.stringify(newEvent({ name: "caf|" })).split("|");
    for (const bytes of [[0xe9], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      const body = Buffer.concat([Buffer.from(start), Buffer.from(bytes), Buffer.from(end)]);
      const problem = await assertRefused("malformed-json", () => sendBytes(body));
      assert.equal(problem.detail, "The body is not valid UTF-8.");
    }
    const created = await api.post<Event>(eventsPath, newEvent({ name: "Café \ufffd 日本 👩‍👩‍👧 ❤️" }));
    assert.deepEqual([created.status, created.body.name], [201, "Café \ufffd 日本 👩‍👩‍👧 ❤️"]);
  });

  it("another charset and any content encoding are refused with 415", async () => {
    for (const charset of ["iso-8859-1", "utf-16", '"latin1"', "utf-8; charset=utf-16"]) {
      const type = { "content-type": `application/json; charset=${charset}` };
      await assertRefused("unsupported-media-type", () => sendBytes(json(newEvent()), type));
    }
    for (const encoding of ["gzip", "br", "identity, gzip", "x"]) {
      const headers = { "content-encoding": encoding };
      await assertRefused("unsupported-media-type", () => sendBytes(json(newEvent()), headers));
    }
    for (const charset of ["utf-8", "UTF-8", '"utf-8"', "utf8"]) {
      const headers = { "content-type": `application/json;charset=${charset}`, "content-encoding": "identity" };
      assert.equal((await sendBytes(json(newEvent()), headers)).status, 201, charset);
    }
  });

  it("an empty body with a content type is no body, where none is expected", async () => {
    const webhook = { url: `${gateway.url}/nowhere`, events: ["order.confirmed"] };
    const { id } = (await api.post<CreatedWebhook>("/api/v1/webhooks", webhook)).body;
    const path = `/api/v1/webhooks/${id}`;
    const send = (method: string, target: string, type: string) =>
      api.request<Problem>(method, target, { rawBody: "", headers: { "content-type": type } });
    for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
      assert.equal((await send("POST", `${path}/ping`, type)).status, 202, type);
      assert.equal((await send("POST", `${path}/rotate-secret`, type)).status, 200, type);
    }
    await assertRefused("malformed-json", () => send("PATCH", path, "application/json"));
    await assertRefused("unsupported-media-type", () => send("PATCH", path, "text/plain"));
    assert.equal((await send("DELETE", path, "application/json")).status, 204);
    await assertRefused("method-not-allowed", () => send("DELETE", eventsPath, "application/json"));
  });

  it("headers that contradict each other, or are missing, are refused with a problem", async () => {
    const request = (line: string, ...fields: string[]) => [line, ...fields, "Connection: close", "", ""].join("\r\n");
    const line = `GET ${eventsPath} HTTP/1.1`;
    const host = "Host: localhost";
    const cases: [number, string, string][] = [
      [400, "bad-request", request(line)],
      [400, "bad-request", request(line, host, "host: localhost")],
      [400, "bad-request", request(line, host, "Authorization: Bearer a", "AUTHORIZATION: Bearer b")],
      [400, "bad-request", request(line, host, "Content-Type: a/b", "content-type: application/json")],
      [417, "expectation-failed", request(line, host, "Expect: foo")],
    ];
    const rowsBefore = await countRows();
    for (const [status, code, message] of cases) {
      const answer = await sendRaw(gateway.url, message);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), message);
      assert.match(answer, /content-type: application\/problem\+json/i, message);
      const problem: Problem = JSON.parse(answer.split("\r\n\r\n")[1] ?? "");
      assert.deepEqual([problem.code, problem.status, problem.instance], [code, status, eventsPath], message);
    }
    assert.deepEqual(await countRows(), rowsBefore);
    assert.match(await sendRaw(gateway.url, request(`GET ${eventsPath} HTTP/1.0`)), /^HTTP\/1.1 200 /);
    assert.match(await sendRaw(gateway.url, request(line, host)), /^HTTP\/1.1 200 /);
  });

  it("a semicolon is a part of the path like any other character", async () => {
    for (const path of ["/metrics;", "/metrics;x=1", "/livez;x=1", `${eventsPath};x=1`, `${eventsPath};`]) {
      for (const method of ["GET", "DELETE"]) {
        await assertRefused("route-not-found", () => api.request<Problem>(method, path));
      }
    }
  });

  it("names that are blank, turn direction without an end or carry invisible characters are refused, with the reason", async () => {
    const names = [
      " ",
      "\u3000\u00a0",
      "\u200d",
      "a\u202eb",
      "a\u202eb\u202c",
      "a\u2066b",
      "a\u2066b\u202c",
      "a\u2069b",
      "\u2067\u2069",
      "\u200e\u200f\u061c",
      "a\u{e0067}\u{e0062}\u{e007f}",
      "\u{1f3f4}\u{e0067}\u{e0062}",
      "\u{e0100}",
      "a\u200bb",
      "\ufeffa",
      "a\u2028b",
      "\u2800",
      "a\tb",
    ];
    for (const name of names) {
      const problem = await assertRefused("validation-failed", () => api.post(eventsPath, newEvent({ name })));
      assert.match(problem.detail, /^\/name must have a visible character, and no control characters, /);
    }
    const england = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
    const directed = ["\u200fשלום\u200e 2030", "\u061cسلام", "Live: \u2067שלום\u2069!", "\u202bשלום\u202c (2)"];
    for (const name of [" Rock ", "می‌خواهم", "שלום", "❤️", "e\u0301", `${england} Cup`, ...directed]) {
      assert.equal((await api.post<Event>(eventsPath, newEvent({ name }))).body.name, name);
    }
  });

  it("times that are not RFC 3339 are refused, with the reason", async () => {
    const times = [
      "2030-01-01 00:00:00Z",
      "2030-01-01T00:00:00",
      "2030-01-01T00:00:00+01",
      "2030-01-01T00:00:00+0100",
      "2030-01-01T00:00Z",
      "2030-01-01",
      "2030-02-30T00:00:00Z",
      "2030-01-01T24:00:00Z",
      "2030-01-01T00:00:00+24:00",
      "1893456000",
      "Tue, 01 Jan 2030 00:00:00 GMT",
      `2030-01-01T00:00:00.${"0".repeat(100)}Z`,
    ];
    for (const startTime of times) {
      const problem = await assertRefused("validation-failed", () => api.post(eventsPath, newEvent({ startTime })));
      assert.match(
        problem.detail,
        /^\/startTime must be a time as in RFC 3339, with T and an offset, such as /,
        startTime,
      );
    }
    for (const startTime of ["2030-01-01T01:00:00.000000+01:00", "2030-01-01t00:00:00z", "2029-12-31T23:00:00-01:00"]) {
      const { body } = await api.post<Event>(eventsPath, newEvent({ startTime }));
      assert.equal(body.startTime, "2030-01-01T00:00:00.000Z", startTime);
    }
  });

  it("an event gets no more ticket types one by one than at once", async () => {
    const ticketTypes = Array.from({ length: 64 }, (_, n) => ({ ticketType: `T${n}`, total: 1 }));
    const tooMany = [...ticketTypes, { ticketType: "MORE", total: 1 }];
    await assertRefused("validation-failed", () => api.post(eventsPath, newEvent({ ticketTypes: tooMany })));
    const { code } = (await api.post<Event>(eventsPath, newEvent({ ticketTypes }))).body;
    await assertRefused("too-many-ticket-types", () => api.put(`/api/v1/inventory/${code}/MORE`, { total: 1 }));
    assert.equal((await api.put(`/api/v1/inventory/${code}/T0`, { total: 2 })).status, 200);
  });

  it("all faults of a small body are reported, and the first one of a large one", async () => {
    const faultsOf = async (body: object) => (await api.post<Problem>(eventsPath, body)).body.errors?.length;
    assert.equal(await faultsOf({ code: "", name: " ", extra: 1 }), 5);
    const fields = Array.from({ length: 1_000 }, (_, n) => [`field${n}`, 0]);
    assert.equal(await faultsOf({ ...newEvent(), ...Object.fromEntries(fields) }), 1);
  });
});
