import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { failureCountMaxOfAddress } from "@onsale/admin/access/login-guard";
import {
  type AdminClient,
  adminPassword,
  logIn,
  request,
  startAdminService,
  tryLogIn,
} from "../../support/browser/admin.ts";
import { createBoardOf } from "../../support/browser/admin-board.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { sendRaw } from "../../support/http/raw-http.ts";
import type { Service } from "../../support/services/services.ts";

const id = "01990000-0000-7000-8000-000000000000";
const pausePath = "/api/queues/deliver/pause";
/** One of each kind: a page, data, the stream, Bull Board's page and data, and a path that does not exist. */
const guardedPaths = [
  "/",
  "/api/session",
  "/api/events?q=a",
  "/api/events/1",
  "/api/events/1/orders",
  "/api/orders/01990000-0000-7000-8000-000000000000",
  "/api/stream",
  "/queues",
  "/queues/",
  "/queues/queue/deliver",
  "/queues/api/queues",
  "/queues/static/js/",
  "/nothing",
];

/** Of the read-only service. */
const otherPassword = "another password";

describe("the admin service", () => {
  let service: Service;
  let readOnlyService: Service;
  let admin: AdminClient;

  before(async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1", ADMIN_PASSWORD: otherPassword }),
    ]);
    admin = await logIn(service.url);
  });

  it("shows nothing without a session: data are refused, pages redirect to the login", async () => {
    for (const path of guardedPaths) {
      const data = await request(`${service.url}${path}`, { headers: { accept: "application/json" } });
      assert.equal(data.status, 401, path);
      const page = await request(`${service.url}${path}`, { headers: { accept: "text/html,*/*" } });
      assert.deepEqual([page.status, page.headers.get("location")], [303, "/login"], path);
    }
  });

  it("accepts no cookie that it did not sign, that was changed, or that was signed with another password", async () => {
    const foreign = await logIn(readOnlyService.url, otherPassword);
    const [name = "", value = ""] = admin.cookie.split("=");
    const later = value.replace(/^\d/, (digit) => String((Number(digit) % 9) + 1));
    const unsigned = value.split(".")[0] ?? "";
    for (const cookie of [foreign.cookie, `${name}=${later}`, `${name}=${unsigned}`, `${name}=`, `${name}=s:x.y`]) {
      const { status } = await request(`${service.url}/api/session`, { headers: { cookie } });
      assert.equal(status, 401, cookie);
    }
    assert.equal((await admin.send("GET", "/api/session")).status, 204);
  });

  it("sets its cookie HttpOnly and SameSite=Strict, and Secure behind a proxy that speaks TLS", async () => {
    const plain = await tryLogIn(service.url, adminPassword);
    const [cookie = ""] = plain.headers.getSetCookie();
    assert.match(cookie, /; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/);
    const overTls = await tryLogIn(service.url, adminPassword, "admin", { "x-forwarded-proto": "https" });
    assert.match(overTls.headers.getSetCookie()[0] ?? "", /; Secure/);
    assert.equal(plain.headers.get("location"), "/");
  });

  it("ends a session with its logout, for every copy of its cookie, and no other session", async () => {
    const one = await logIn(service.url);
    assert.equal((await one.send("POST", "/logout")).headers.get("location"), "/login");
    assert.equal((await one.send("GET", "/api/session")).status, 401);
    assert.equal((await admin.send("GET", "/api/session")).status, 204);
  });

  it("ends the stream of a session with its logout", async () => {
    const one = await logIn(service.url);
    const stream = await one.openStream();
    await stream.untilMessage("its first message", () => true);
    await one.send("POST", "/logout");
    assert.equal(await stream.ended, "ended");
  });

  it("refuses changes from other sites, also through Bull Board, even with the cookie", async () => {
    const board = createBoardOf(admin);
    const { host } = new URL(service.url);
    const elsewhere = [
      { origin: "https://evil.example.com" },
      { origin: "null" },
      { origin: `http://${host}`, "sec-fetch-site": "cross-site" },
      { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" },
      {},
    ];
    for (const headers of elsewhere) {
      for (const [method, path] of [
        ["POST", pausePath],
        ["POST", "/api/queues/deliver/release"],
        ["POST", "/api/queues/deliver/remove-failed"],
        ["PUT", "/queues/api/queues/pause"],
        ["PUT", "/queues/api/queues/deliver/retry/failed"],
        ["PUT", "/queues/api/queues/deliver/empty"],
        ["POST", "/queues/api/queues/deliver/add"],
        ["POST", "/logout"],
        ["DELETE", "/nothing"],
      ] as const) {
        const response = await admin.send(method, path, headers);
        assert.equal(response.status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
      }
    }
    assert.equal(await board.isPaused("deliver"), false);
    assert.equal(
      (await tryLogIn(service.url, adminPassword, "admin", { origin: "https://evil.example.com" })).status,
      403,
    );
    assert.equal((await admin.send("POST", pausePath)).status, 204);
    assert.equal(await board.isPaused("deliver"), true);
    assert.equal((await admin.send("POST", "/api/queues/deliver/release")).status, 204);
    assert.equal(await board.isPaused("deliver"), false);
    assert.equal((await admin.send("POST", "/api/queues/nothing/pause")).status, 404);
    assert.equal((await admin.send("POST", "/api/queues/deliver/obliterate")).status, 400);
  });

  it("reloads a page that a link on another site opened, so that the browser sends the cookie", async () => {
    const headers = [
      "sec-fetch-site: cross-site",
      "sec-fetch-mode: navigate",
      "accept: text/html",
      "connection: close",
    ];
    const head = `GET / HTTP/1.1\r\nhost: ${new URL(service.url).host}\r\n${headers.join("\r\n")}\r\n\r\n`;
    const response = await sendRaw(service.url, head);
    assert.match(response, /^HTTP\/1.1 200 /);
    assert.match(response, /http-equiv="refresh" content="0"/);
    assert(!response.includes("console"));
  });

  it("sends a policy that allows no content of other origins, and forbids caching", async () => {
    for (const path of ["/login", "/", "/queues/", "/api/session", "/nothing"]) {
      const { headers } = await admin.send("GET", path);
      const policy = headers.get("content-security-policy") ?? "";
      for (const part of ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "form-action 'self'"]) {
        assert(policy.includes(part), `${path} ${policy}`);
      }
      assert.equal(headers.get("cache-control"), "no-store", path);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("x-frame-options"), "DENY");
      assert.equal(headers.get("referrer-policy"), "same-origin");
    }
  });

  it("redirects to its own path, whatever the Host header names", async () => {
    const { headers } = await request(`${service.url}/`, {
      headers: { accept: "text/html", host: "evil.example.com" },
    });
    assert.equal(headers.get("location"), "/login");
  });

  it("says what is wrong with a request", async () => {
    for (const [path, status, words] of [
      ["/api/events", 400, "In the query, q is missing."],
      ["/api/events?q=", 400, "In the query, q must NOT have fewer than 1 characters."],
      [`/api/events?q=${"x".repeat(201)}`, 400, "In the query, q must NOT have more than 200 characters."],
      ["/api/events?q=%00", 400, "In the query, q must not have a NUL character in it."],
      ["/api/events/0", 400, "In the address, id must be >= 1."],
      ["/api/events/1e99", 400, "In the address, id must be <= 2147483647."],
      ["/api/events/2147483648", 400, "In the address, id must be <= 2147483647."],
      ["/api/events/999", 404, "There is no event with this number."],
      ["/api/events/999/orders", 404, "There is no event with this number."],
      ["/api/events/1/orders?status=GONE", 400, /^In the query, status must be one of PENDING, .*CONFIRMED/],
      ["/api/events/1/orders?after=-1", 400, "In the query, after must be >= 0."],
      ["/api/orders/1", 400, "In the address, id must be a UUID."],
      ["/api/orders/01990000-0000-7000-8000-00000000000g", 400, "In the address, id must be a UUID."],
      ["/api/orders/01990000-0000-7000-8000-000000000000", 404, "There is no order with this id."],
      ["/api/stream?event=x", 400, "In the query, event must be integer."],
      ["/%ff", 400, /^[A-Z].*\.$/],
    ] as const) {
      const response = await admin.send("GET", path);
      const { message } = JSON.parse(response.text);
      assert.equal(response.status, status, path);
      if (typeof words === "string") assert.equal(message, words, path);
      else assert.match(message, words, path);
    }
  });

  it("sends errors as a page to a client that wants HTML, with the message escaped", async () => {
    for (const [path, status, words] of [
      ["/nothing", 404, "There is nothing here"],
      ["/api/events/0", 400, "In the address, id must be &gt;= 1."],
      ["/api/events/999", 404, "There is no event with this number."],
    ] as const) {
      const { status: actual, headers, text } = await admin.send("GET", path, { accept: "text/html,*/*" });
      assert.deepEqual([actual, headers.get("content-type")], [status, "text/html; charset=utf-8"], path);
      assert(text.startsWith("<!doctype html>") && text.includes(words), text);
    }
  });

  it("allows a logout without a valid session", async () => {
    const { origin } = new URL(service.url);
    for (const cookie of ["", admin.cookie.replace(/=./, "=9")]) {
      const { status, headers } = await request(`${service.url}/logout`, {
        method: "POST",
        headers: { origin, cookie },
      });
      assert.deepEqual([status, headers.get("location")], [303, "/login"]);
    }
    assert.equal((await admin.send("GET", "/api/session")).status, 204);
  });

  it("takes a form for a login, and refuses other bodies", async () => {
    const { origin } = new URL(service.url);
    const post = (body: string, type: string) =>
      request(`${service.url}/login`, { method: "POST", body, headers: { origin, "content-type": type } });
    const form = "application/x-www-form-urlencoded";
    const tooLong = `user=admin&password=${"x".repeat(1_001)}`;
    const unsupported = "The body of this request has an unsupported type; the login takes a form.";
    for (const [body, type, status, words] of [
      ["", form, 400, "In the form, user is missing."],
      ["user=admin", form, 400, "In the form, password is missing."],
      [tooLong, form, 400, "In the form, password must NOT have more than 1000 characters."],
      [`user=admin&password=${"x".repeat(20_000)}`, form, 413, "The body of this request is too large."],
      ["user=admin&password=a", "text/plain", 415, unsupported],
      ["{", "application/json", 400, "The body of this request is not valid JSON."],
    ] as const) {
      const response = await post(body, type);
      assert.deepEqual([response.status, JSON.parse(response.text).message], [status, words]);
    }
  });

  it("shows everything in read-only mode, and refuses all changes but the logout, also in Bull Board", async () => {
    const reader = await logIn(readOnlyService.url, otherPassword);
    const board = createBoardOf(reader);
    for (const [method, path] of [
      ["POST", pausePath],
      ["POST", "/api/queues/deliver/release"],
      ["POST", "/api/queues/deliver/remove-failed"],
      ["PUT", "/queues/api/queues/pause"],
      ["POST", "/queues/api/queues/deliver/add"],
      ["POST", `/api/webhooks/${id}/deliveries/${id}/redeliver`],
    ] as const) {
      const { status, text } = await reader.send(method, path);
      assert.deepEqual([status, JSON.parse(text).message.includes("ADMIN_READ_ONLY")], [403, true], path);
    }
    assert.equal(await board.isPaused("deliver"), false);
    assert.match((await reader.send("GET", "/")).text, /data-read-only="true"/);
    assert((await board.queues()).every(({ readOnlyMode }) => readOnlyMode));
    assert.equal((await reader.send("POST", "/logout")).status, 303);
  });

  // The last test: further logins are blocked.
  it("refuses a login alike for a wrong user and a wrong password, and blocks it after five failures", async () => {
    const attempts = [
      ["admin", "wrong"],
      ["root", adminPassword],
      ["admin", ""],
      ["admin", `${adminPassword} `],
      ["<script>", "x"],
    ] as const;
    assert.equal(attempts.length, failureCountMaxOfAddress);
    const responses = [];
    for (const [user, password] of attempts) responses.push(await tryLogIn(service.url, password, user));
    assert.deepEqual([...new Set(responses.map(({ status }) => status))], [401]);
    assert.equal(new Set(responses.map(({ text }) => text)).size, 1);
    assert(responses.every(({ headers }) => headers.getSetCookie().length === 0));

    const blocked = await tryLogIn(service.url, adminPassword);
    assert.equal(blocked.status, 429);
    const retryAfter = Number(blocked.headers.get("retry-after"));
    assert(retryAfter > 200 && retryAfter <= 300);
    assert.match(blocked.text, /Try again in 5 min/);
    assert.equal((await admin.send("GET", "/api/session")).status, 204);
  });
});
