import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import axe from "axe-core";
import type { Browser, HTTPRequest, Page } from "puppeteer-core";
import { parse } from "yaml";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { openPage, startBrowser, withoutBrowser } from "../../support/browser/chromium.ts";
import type { Api } from "../../support/http/api.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";

const purchasePath = "/api/v1/orders/purchase";

describe("the root of a gateway", () => {
  let api: Api;

  before(async () => {
    ({ api } = await startInstallation(postgresQueues, { workers: 0 }));
  });

  it("leads browsers and curl to the API reference, and programs that want JSON to its links", async () => {
    for (const accept of ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"]) {
      const answer = await fetch(api.baseUrl, { headers: { accept }, redirect: "manual" });
      assert.deepEqual([answer.status, answer.headers.get("location")], [302, "/docs"]);
    }
    const answer = await fetch(api.baseUrl, { headers: { accept: "application/json" }, redirect: "manual" });
    assert.equal(answer.status, 200);
    const { links }: { links: Record<string, string> } = JSON.parse(await answer.text());
    for (const path of [links.reference, links.openapi, links.swaggerUi, links.health]) {
      assert.equal((await fetch(new URL(path ?? "missing", api.baseUrl))).status, 200, path);
    }
  });

  it("serves the script of the reference to clients with and without compression", async () => {
    const url = `${api.baseUrl}/docs/scalar.js`;
    const compressed = await fetch(url, { headers: { "accept-encoding": "gzip" } });
    assert.equal(compressed.headers.get("content-encoding"), "gzip");
    const plain = await fetch(url, { headers: { "accept-encoding": "identity" } });
    assert.equal(plain.headers.get("content-encoding"), null);
    const text = await plain.text();
    assert.equal(await compressed.text(), text);
    assert(text.includes("createApiReference"));
  });

  it("serves Swagger UI where Spring Boot has it, and its files where they were before", async () => {
    for (const path of ["/swagger-ui/index.html", "/swagger-ui", "/docs/static/index.html"]) {
      const page = await fetch(api.baseUrl + path);
      assert.equal(page.status, 200, path);
      assert.match(await page.text(), /swagger-ui-bundle\.js/, path);
    }
    for (const path of ["/docs/static/swagger-ui.css", "/docs/json"]) {
      const answer = await fetch(api.baseUrl + path);
      await answer.body?.cancel();
      assert.equal(answer.status, 200, path);
    }
  });

  it("serves the document as YAML, too, once for each reader", async () => {
    const answer = await fetch(`${api.baseUrl}/docs/yaml`);
    assert.equal(answer.headers.get("content-type"), "application/x-yaml");
    const json: unknown = JSON.parse(await (await fetch(`${api.baseUrl}/openapi.json`)).text());
    assert.deepEqual(parse(await answer.text()), json);
    const known = { "if-none-match": answer.headers.get("etag") ?? "" };
    assert.equal((await fetch(`${api.baseUrl}/swagger-ui/yaml`, { headers: known })).status, 304);
  });
});

/** A page, the requests that it made to other hosts, and the orders that its purchases made. */
type Watched = Readonly<{ page: Page; faults: readonly string[]; foreign: readonly string[] }>;

async function openWatched(browser: Browser, baseUrl: string, path: string): Promise<Watched> {
  const { page, faults } = await openPage(browser);
  const foreign: string[] = [];
  await page.setRequestInterception(true);
  page.on("request", (request: HTTPRequest) => {
    const url = new URL(request.url());
    const isOwn = url.origin === new URL(baseUrl).origin || url.protocol === "data:" || url.protocol === "blob:";
    if (!isOwn) foreign.push(request.url());
    void (isOwn ? request.continue() : request.abort());
  });
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(baseUrl + path);
  return { page, faults, foreign };
}

/** Sends the form, and returns the key that it sent and the id of the order that it got. */
async function sendForm(page: Page, send: () => Promise<unknown>): Promise<Readonly<{ key: string; id: string }>> {
  const answering = page.waitForResponse((response) => new URL(response.url()).pathname === purchasePath);
  await send();
  const answer = await answering;
  assert.equal(answer.status(), 200, await answer.text());
  const { id }: { id: string } = JSON.parse(await answer.text());
  return { key: answer.request().headers()["idempotency-key"] ?? "", id };
}

/** Clicks what has this text or matches this selector, where it is ready to be clicked. */
const click = (page: Page, selector: string) => page.locator(selector).click();

describe("a page of the documentation", { skip: withoutBrowser }, () => {
  let api: Api;
  let browser: Browser;

  before(async () => {
    ({ api } = await startInstallation(postgresQueues));
    await api.createEvent({ VIP: 10, STANDARD: 100 }, "EVNT-ROCK-2025");
    browser = await startBrowser();
  });

  it("of the API reference sends each purchase with a key of its own, typed keys as they are, and nothing elsewhere", async () => {
    const { page, faults, foreign } = await openWatched(
      browser,
      api.baseUrl,
      "/docs#tag/orders/POST/api/v1/orders/purchase",
    );
    await click(page, "::-p-text(Test Request)");
    const send = () => click(page, "button[data-addressbar-action='send']");
    const first = await sendForm(page, send);
    const second = await sendForm(page, send);
    assert.notEqual(first.id, second.id);
    assert.notEqual(first.key, second.key);
    assert.match(first.key, /^form-[0-9a-f]{32}$/);
    await click(page, "[contenteditable]::-p-text(example-cart-4711)");
    await page.keyboard.down("Control");
    await page.keyboard.press("KeyA");
    await page.keyboard.up("Control");
    await page.keyboard.type("typed-4712");
    const third = await sendForm(page, send);
    const fourth = await sendForm(page, send);
    assert.deepEqual([third.key, fourth.key], ["typed-4712", "typed-4712"]);
    assert.equal(third.id, fourth.id);
    assert.deepEqual([foreign, faults], [[], []]);
  });

  it("of Swagger UI sends each purchase with a key of its own, typed keys as they are, and nothing elsewhere", async () => {
    const { page, faults, foreign } = await openWatched(browser, api.baseUrl, "/swagger-ui/#/orders/purchaseTickets");
    await click(page, "#operations-orders-purchaseTickets .try-out__btn");
    const send = () => click(page, "#operations-orders-purchaseTickets .execute");
    const first = await sendForm(page, send);
    const second = await sendForm(page, send);
    assert.notEqual(first.id, second.id);
    assert.notEqual(first.key, second.key);
    const key = "#operations-orders-purchaseTickets [data-param-name='idempotency-key'] input";
    await page.locator(key).fill("typed-4711");
    const third = await sendForm(page, send);
    const fourth = await sendForm(page, send);
    assert.deepEqual([third.key, fourth.key], ["typed-4711", "typed-4711"]);
    assert.equal(third.id, fourth.id);
    assert.deepEqual([foreign, faults], [[], []]);
  });

  it("of the API reference is accessible in the dark and in the light, on narrow and on wide screens", async () => {
    const { page } = await openWatched(browser, api.baseUrl, "/docs");
    await page.waitForSelector("::-p-text(Buy tickets)");
    await page.waitForNetworkIdle();
    await page.evaluate(axe.source);
    await assertAccessible(page);
  });
});
