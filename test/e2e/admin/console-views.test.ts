import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import type { Browser, Page } from "puppeteer-core";
import { startAdminService } from "../../support/browser/admin.ts";
import { logInWithForm, openPage, readText, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { startConsole } from "../../support/browser/console.ts";
import { connect } from "../../support/database/database.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import type { Installation } from "../../support/services/installation.ts";
import type { Service } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { buy, createWebhook } from "../../support/webhooks/webhooks.ts";

/** A statement times out after five seconds. */
const patienceMs = 40_000;

/** Replaces the text of the search. */
async function search(page: Page, text: string): Promise<void> {
  await page.click("input[type=search]", { count: 3 });
  await page.type("input[type=search]", text);
}

describe("the views of the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  let browser: Browser;

  before(async () => {
    ({ installation, service, browser } = await startConsole());
  });

  it("that do not exist have a message", async () => {
    const { page } = await openPage(browser);
    await logInWithForm(page, service.url);
    for (const [route, words] of [
      ["#/events/9999999999", /There is no event with this number\./],
      ["#/orders/typo", /There is no order with this id\./],
      ["#/nothing", /There is no such page\./],
    ] as const) {
      await page.goto(`${service.url}/${route}`);
      await untilText(page, "main", words);
      await untilText(page, ".pulse", /^live$/);
    }
  });

  it("do not show an empty result before the search has ended, and keep the result up to date", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 8 }, `STALE-${Date.now()}`);
    // The stream sends the busiest sixty; this event is older than so many others.
    for (let count = 0; count < 61; count++) await api.createEvent({ STANDARD: 1 });
    const { page } = await openPage(browser);
    await logInWithForm(page, service.url);
    await page.evaluate(`
      window.notes = new Set();
      new MutationObserver(() => notes.add(document.querySelector(".events [role=status]")?.textContent))
        .observe(document.querySelector(".events"), { childList: true, subtree: true, characterData: true });`);
    await search(page, eventCode.toLowerCase());
    await untilText(page, ".event-row", new RegExp(`${eventCode}.*8 ?left of 8`));
    const notes = String(await page.evaluate("[...notes].join()"));
    assert.match(notes, /Loading events …/);
    assert(!notes.includes("No event has"), notes);

    const db = connect(installation.databaseUrl);
    const event = sql`SELECT id FROM events WHERE code = ${eventCode}`;
    await sql`UPDATE inventory SET allocated = 3 WHERE event_id = (${event})`.execute(db);
    await untilText(page, ".event-row", new RegExp(`${eventCode}.*5 ?left of 8`));
    await search(page, "no such event");
    await untilText(page, ".events", /No event has “no such event” in its code or name\./);
  });

  it("show since when a part has not been updated", async () => {
    const { page } = await openPage(browser);
    await logInWithForm(page, service.url);
    await untilText(page, ".tile", /Webhooks.*endpoints, \d+ failing/);
    const { tx, rollback } = await openTransaction(connect(installation.databaseUrl));
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`LOCK TABLE webhook_endpoints IN ACCESS EXCLUSIVE MODE`.execute(tx);
    await untilText(page, ".tile", /Webhooks.*not updated since \d\d:\d\d:\d\d/, patienceMs);
    await untilText(page, ".panel", /Webhooks.*This panel has not been updated since/);
    assert.match(await readText(page, ".pulse"), /^live$/);
    await rollback();
    await untilText(page, ".tile", /Webhooks.*endpoints, \d+ failing/, patienceMs);
  });

  it("keep showing an order when it can no longer be read, with a message", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 5 });
    const [orderId] = await buy(api, eventCode, 1);
    const ownService = await startAdminService(installation.environment);
    const { page } = await openPage(browser);
    await logInWithForm(page, ownService.url);
    await page.goto(`${ownService.url}/#/orders/${orderId}`);
    await untilText(page, ".timeline", /confirmed/);
    await ownService.kill();
    await untilText(page, "main", /cannot be reached at the moment\. You see the last known values\./, patienceMs);
    assert.match(await readText(page, ".timeline"), /confirmed/);
  });

  it("have no button to send a delivery again in read-only mode", async () => {
    const { api } = installation;
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 5 });
    await createWebhook(api, receiver.url, eventCode);
    const [orderId] = await buy(api, eventCode, 1);
    const buttonsOf = async ({ url }: Service): Promise<number> => {
      const { page } = await openPage(browser);
      await logInWithForm(page, url);
      await page.goto(`${url}/#/orders/${orderId}`);
      await untilText(page, ".delivery", /order\.confirmed ?delivered/);
      return (await page.$$(".delivery button")).length;
    };
    const readOnly = await startAdminService({ ...installation.environment, ADMIN_READ_ONLY: "1" });
    assert.deepEqual([await buttonsOf(service), await buttonsOf(readOnly)], [1, 0]);
  });

  it("have charts whose points can be read by keyboard, and whose lines differ without colours", async () => {
    const { page } = await openPage(browser);
    await logInWithForm(page, service.url);
    const chart = '.chart [role="slider"]';
    const read = (name: string) => page.$eval(chart, (element, key) => element.getAttribute(key) ?? "", name);
    await untilTrue("the chart has some points", async () => Number(await read("aria-valuemax")) > 2);
    await page.focus(".events input");
    const isAtChart = () => page.evaluate(`document.activeElement === document.querySelector('${chart}')`);
    await until("Shift+Tab reaches the chart", async () => {
      await page.keyboard.down("Shift");
      await page.keyboard.press("Tab");
      await page.keyboard.up("Shift");
      return (await isAtChart()) === true || undefined;
    });
    const latest = await read("aria-valuetext");
    assert.match(latest, /^\d\d:\d\d:\d\d: accepted .*, decided /);
    await page.keyboard.press("ArrowLeft");
    await untilTrue("it shows another point", async () => (await read("aria-valuetext")) !== latest);
    const earlier = await read("aria-valuetext");
    assert(earlier < latest);
    await untilText(page, ".chart p", new RegExp(earlier.slice(0, 8)));
    // The selection stays while further points arrive.
    const lastIndex = await read("aria-valuemax");
    await untilTrue("another point arrived", async () => (await read("aria-valuemax")) !== lastIndex);
    assert.equal(await read("aria-valuetext"), earlier);
    await page.keyboard.press("ArrowRight");
    await untilTrue("it shows the next point", async () => (await read("aria-valuetext")) === latest);
    const lineStyles = await page.evaluate(
      '[...document.querySelectorAll(".chart .swatch")].map((swatch) => getComputedStyle(swatch).borderTopStyle)',
    );
    assert.deepEqual(lineStyles, ["solid", "dashed", "solid", "dashed", "dotted", "solid"]);
  });
});
