// The back end of `npm run shop`, before an installation that requires API keys: what it lets through, and to whom.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { ProblemError } from "@onsale/client";
import { explain } from "../../../packages/client/examples/shop/page/words.ts";
import { fanCode, type ShopUnderTest, shopEvent, shopProgram, startShop } from "../../support/browser/shop.ts";
import { connect } from "../../support/database/database.ts";
import { createApi, newKey } from "../../support/http/api.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startProgram } from "../../support/services/program.ts";
import { untilTrue } from "../../support/until.ts";

type Answer = Readonly<{ status: number; headers: Headers; text: string }>;
type HeaderFields = Readonly<Record<string, string>>;

describePipeline("the back end of npm run shop", (backend) => {
  let shop: ShopUnderTest;
  let apiKey = "";
  /** Everything that it ever answered. */
  const answered: string[] = [];

  before(async () => {
    shop = await startShop(backend, { AUTH: "keys" }, async ({ databaseUrl }) => {
      const scopes = ["events:write", "orders:write", "orders:read", "webhooks:manage"] as const;
      apiKey = (await createKey(connect(databaseUrl), { scopes })).key;
      return { ONSALE_API_KEY: apiKey };
    });
  });

  const purchasePath = "/api/v1/orders/purchase";
  const item = { ticketType: "FLOOR", quantity: 1 };

  async function send(method: string, path: string, headers: HeaderFields = {}, body?: string): Promise<Answer> {
    const response = await fetch(`${shop.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    answered.push(text, JSON.stringify([...response.headers]));
    return { status: response.status, headers: response.headers, text };
  }

  /** A browser with a session of its own. */
  async function openBrowser() {
    const { headers } = await send("GET", "/");
    const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const own = { cookie, "sec-fetch-site": "same-origin", "content-type": "application/json" };
    return {
      cookie,
      get: (path: string) => send("GET", path, own),
      post: (path: string, body: unknown, headers: HeaderFields = { "idempotency-key": newKey() }) =>
        send("POST", path, { ...own, ...headers }, typeof body === "string" ? body : JSON.stringify(body)),
    };
  }

  const wanted = (customerRef: string) => ({ eventCode: shopEvent, items: [item], customerRef });
  const idOf = ({ text }: Answer): string => JSON.parse(text).id;
  const codeOf = ({ text }: Answer): string => JSON.parse(text).code;

  it("gives a session in a signed cookie, and sends its security headers with every answer", async () => {
    const page = await send("GET", "/");
    assert.match(
      page.headers.get("set-cookie") ?? "",
      /^shop_session=\S+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
    );
    const secure = await send("GET", "/", { "x-forwarded-proto": "https" });
    assert.match(secure.headers.get("set-cookie") ?? "", /; Secure$/);
    for (const path of ["/", "/assets/page/main.ts", `/api/v1/events/${shopEvent}`, "/nothing", purchasePath]) {
      const { headers } = await send("GET", path);
      assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; script-src 'self';/, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("x-frame-options"), "DENY", path);
    }
  });

  it("shows and changes an order in the session that bought it, and in no other", async () => {
    const [owner, other] = await Promise.all([openBrowser(), openBrowser()]);
    const bought = await owner.post(purchasePath, wanted("owner@example.com"));
    assert.equal(bought.status, 200, bought.text);
    const id = idOf(bought);
    assert.equal((await owner.get(`/api/v1/orders/${id}`)).status, 200);
    const bare = id.split(".")[0] ?? "";
    for (const path of [id, bare, `${bare}.${"A".repeat(22)}`, `${bare}.`, `${id}.x`]) {
      const answers = await Promise.all([
        ...["", "/history", "/stream", "/payment"].map((part) => other.get(`/api/v1/orders/${path}${part}`)),
        other.post(`/api/v1/orders/${path}/cancel`, {}),
        other.post(`/api/v1/orders/${path}/payment`, { behaviour: "in-time" }),
      ]);
      assert.deepEqual(
        [...new Set(answers.map((answer) => `${answer.status} ${codeOf(answer)}`))],
        ["404 order-not-found"],
      );
    }
    const cancelled = await owner.post(`/api/v1/orders/${id}/cancel`, {});
    assert.equal(JSON.parse(cancelled.text).status, "CANCELLED");
  });

  it("makes one order of one key in one session, and another of the same key in another session", async () => {
    const [one, other] = await Promise.all([openBrowser(), openBrowser()]);
    const key = { "idempotency-key": newKey() };
    const answers = await Promise.all([
      one.post(purchasePath, wanted("one@example.com"), key),
      one.post(purchasePath, wanted("one@example.com"), key),
      other.post(purchasePath, wanted("other@example.com"), key),
    ]);
    const [first, second, third] = answers.map(idOf);
    assert.equal(first, second);
    assert.notEqual(first?.split(".")[0], third?.split(".")[0]);
  });

  it("refuses who has no session, or a forged one, and changes that another site asks for", async () => {
    const { cookie } = await openBrowser();
    const body = JSON.stringify(wanted("forged@example.com"));
    const key = { "idempotency-key": newKey() };
    const sameSite = { "sec-fetch-site": "same-origin", ...key };
    const [none, forged] = await Promise.all([
      send("POST", purchasePath, sameSite, body),
      send("POST", purchasePath, { ...sameSite, cookie: `${cookie.slice(0, -2)}AA` }, body),
    ]);
    assert.deepEqual(
      [none, forged].map(({ status }) => status),
      [401, 401],
    );
    const foreign: HeaderFields[] = [
      {},
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example.com" },
      { origin: "null" },
    ];
    for (const headers of foreign) {
      const { status } = await send("POST", purchasePath, { cookie, ...key, ...headers }, body);
      assert.equal(status, 403, JSON.stringify(headers));
    }
    const own = await send("POST", purchasePath, { cookie, ...key, origin: shop.url }, body);
    assert.equal(own.status, 200, own.text);
  });

  it("refuses hostile input, and changes nothing", async () => {
    const browser = await openBrowser();
    const good = wanted("hostile@example.com");
    const bodies: unknown[] = [
      "",
      "not JSON",
      "[]",
      "null",
      { ...good, items: [] },
      { ...good, items: [{ ticketType: "FLOOR", quantity: 0 }] },
      { ...good, items: [{ ticketType: "FLOOR", quantity: 1.5 }] },
      { ...good, items: [{ ticketType: "FLOOR", quantity: "1" }] },
      { ...good, items: [{ ticketType: "../VIP", quantity: 1 }] },
      { ...good, items: Array.from({ length: 11 }, () => item) },
      { ...good, items: [{ ...item, price: 0 }] },
      { ...good, customerRef: "with space@example.com" },
      { ...good, customerRef: "x".repeat(129) },
      { ...good, accessCode: "'; DROP TABLE orders" },
      { ...good, holdSeconds: 3_600 },
      { ...good, hold: false },
      { ...good, __proto__: null, strategy: "pessimistic" },
    ];
    for (const body of bodies) {
      const answer = await browser.post(purchasePath, body);
      assert.deepEqual([answer.status, codeOf(answer)], [400, "validation-failed"], JSON.stringify(body));
    }
    const noKey = await browser.post(purchasePath, good, {});
    const badKey = await browser.post(purchasePath, good, { "idempotency-key": "x".repeat(129) });
    const otherEvent = await browser.post(purchasePath, { ...good, eventCode: "EVNT-ROCK-2025" });
    const tooLong = await browser.post(purchasePath, `{"x": "${"x".repeat(70_000)}"}`);
    assert.deepEqual(
      [noKey, badKey, otherEvent, tooLong].map(({ status }) => status),
      [400, 400, 404, 413],
    );
    const orders = await createApi(shop.installation.api.baseUrl, apiKey).get<{ totalElements: number }>(
      "/api/v1/orders?customerRef=hostile%40example.com",
    );
    assert.equal(orders.body.totalElements, 0);
  });

  it("passes on nothing but what a page needs", async () => {
    const browser = await openBrowser();
    const gets = [
      "/api/v1/orders",
      "/api/v1/orders/",
      "/api/v1/webhooks",
      "/api/v1/events",
      "/api/v1/events/EVNT-ROCK-2025",
      `/api/v1/events/${shopEvent}/audit`,
      `/api/v1/events/${shopEvent}/changes`,
      `/api/v1/inventory/${shopEvent}/FLOOR`,
      "/assets/%2e%2e/main.ts",
      "/assets/page/../../main.ts",
      "/assets/page/%2e%2e%2fmain.ts",
      "/main.ts",
      "/checkout",
    ];
    for (const path of gets) assert.equal((await browser.get(path)).status, 404, path);
    assert.equal((await browser.get(`/api/v1/events/${shopEvent}?hidden=true`)).status, 400);
    assert.equal((await browser.get("/%E0%A4%A")).status, 400);
    for (const path of [`/api/v1/events/${shopEvent}`, "/checkout", `/api/v1/events/${shopEvent}/cancel`]) {
      assert.equal((await browser.post(path, {})).status, 404, path);
    }
  });

  it("lets nobody guess access codes", async () => {
    const browser = await openBrowser();
    const look = (code: string) => browser.get(`/api/v1/events/${shopEvent}?accessCode=${code}`);
    // Right codes cost nothing, however many come at the same moment.
    const right = await Promise.all(Array.from({ length: 25 }, () => look(fanCode)));
    assert.equal(right.filter(({ text }) => text.includes("FANCLUB")).length, 25);
    const guesses = await Promise.all(Array.from({ length: 40 }, (_, guess) => look(`GUESS-${guess}`)));
    assert.equal(guesses.filter((answer) => codeOf(answer) === "access-code-not-found").length, 10);
    assert.equal(guesses.filter((answer) => answer.status === 429 && codeOf(answer) === "rate-limited").length, 30);
    const bought = await browser.post(purchasePath, { ...wanted("guess@example.com"), accessCode: "GUESS-11" });
    assert.equal(bought.status, 429);
    // Who names no code buys as before.
    assert.equal((await browser.post(purchasePath, wanted("no-code@example.com"))).status, 200);
  });

  it("gives a session a few streams of orders, and tells others to come back", async () => {
    const browser = await openBrowser();
    const id = idOf(await browser.post(purchasePath, wanted("streams@example.com")));
    const gone = new AbortController();
    const open = async () => {
      const headers = { cookie: browser.cookie };
      const response = await fetch(`${shop.url}/api/v1/orders/${id}/stream`, { headers, signal: gone.signal });
      const chunk = await response.body?.getReader().read();
      return new TextDecoder().decode(chunk?.value);
    };
    const streams = await Promise.all(Array.from({ length: 7 }, open));
    gone.abort();
    assert.deepEqual(streams.filter((text) => text.startsWith("retry: 5000")).length, 1);
    assert.equal(streams.filter((text) => text.includes('"status":"HELD"')).length, 6);
  });

  it("says what to start first when nothing answers", async () => {
    const environment = { ONSALE_URL: "http://127.0.0.1:9", PORT: "0", PROVIDER_PORT: "0" };
    const { code, stderr } = await startProgram(shopProgram, [], environment).ended;
    assert.equal(code, 1);
    assert.equal(stderr, "Nothing answers at http://127.0.0.1:9. Start Onsale first, in another terminal: npm start\n");
  });

  it("says why it cannot begin, and ends", async () => {
    const scopes = ["events:write", "orders:write", "orders:read"] as const;
    const { key } = await createKey(shop.db, { scopes });
    const environment = {
      ONSALE_URL: shop.installation.api.baseUrl,
      ONSALE_API_KEY: key,
      SHOP_SECRET: "a secret of the tests",
      PORT: "0",
      PROVIDER_PORT: "0",
    };
    const program = startProgram(shopProgram, [], environment);
    await untilTrue("it ends", () => program.process.exitCode !== null, 60_000);
    const { code, stderr } = await program.ended;
    assert.match(stderr, /webhooks:manage/);
    assert.equal(code, 1);
  });

  it("never answers its API key", () => {
    assert(answered.length > 100);
    assert.deepEqual(
      answered.filter((text) => text.includes(apiKey)),
      [],
    );
  });

  it("has words of its own for every problem that a buyer can meet", () => {
    const codes = [
      "sale-not-open",
      "sale-paused",
      "sale-closed",
      "event-cancelled",
      "sold-out",
      "insufficient-stock",
      "waiting-list-first",
      "order-limit",
      "customer-limit",
      "customer-required",
      "access-code-not-found",
      "access-code-used-up",
      "ticket-type-not-found",
      "rate-limited",
      "overloaded",
      "upgrade-in-progress",
      "dependency-unavailable",
      "no-session",
      "validation-failed",
    ];
    const problem = { type: "", title: "", status: 409, detail: "of the server", instance: "", requestId: "" };
    const texts = codes.map((code) => {
      const { title, next } = explain(new ProblemError({ ...problem, code, retryable: false, maxPerOrder: 4 }));
      assert(next.length > 20 && next !== problem.detail, code);
      return title;
    });
    assert.equal(new Set(texts).size, codes.length);
  });
});
