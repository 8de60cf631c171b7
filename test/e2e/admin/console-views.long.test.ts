import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { streamClientCountMax } from "@onsale/admin/console/stream-clients";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import type { Browser, Page } from "puppeteer-core";
import { logIn, startAdminService } from "../../support/browser/admin.ts";
import { createBoardOf } from "../../support/browser/admin-board.ts";
import {
  enterSession,
  openConsole,
  openPage,
  readText,
  startBrowser,
  untilText,
  withoutBrowser,
} from "../../support/browser/chromium.ts";
import { recordStreams } from "../../support/browser/page-streams.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, times } from "../../support/database/factories.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { openQueue, queueSourceOf } from "../../support/services/queue-source.ts";
import type { Service } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";

/** For tests that wait for a time limit, or for a service that was stopped. */
const patienceMs = 40_000;
/** Of the service, instead of five seconds; `pg` reads it from the URL. */
const statementTimeoutMs = 1_000;

/** Replaces the text of the search. */
async function search(page: Page, text: string): Promise<void> {
  await page.click("input[type=search]", { count: 3 });
  await page.type("input[type=search]", text);
}

/**
 * Shortens the time limits of pages that are opened later: a stream is given up after four seconds of silence instead
 * of ten (the server sends something every three), and opened again after half a second instead of two.
 */
async function shortenTimeLimits(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(`{
    const original = window.setTimeout;
    const shortened = new Map([[10_000, 4_000], [2_000, 500]]);
    window.setTimeout = (callback, delayMs) => original(callback, shortened.get(delayMs) ?? delayMs);
  }`);
}

describe("the pages of the admin service", { skip: withoutBrowser }, () => {
  let databaseUrl: string;
  let db: Db;
  let service: Service;
  let browser: Browser;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const url = `${databaseUrl}?statement_timeout=${statementTimeoutMs}`;
    [service, browser] = await Promise.all([startAdminService({ DATABASE_URL: url }), startBrowser()]);
  });

  // The first test: a stream that an earlier page has left may still count.
  it("say when there are too many clients, and open their stream after one has left", async () => {
    const admin = await logIn(service.url);
    const [one] = await Promise.all(Array.from({ length: streamClientCountMax }, () => admin.openStream()));
    const { page } = await openPage(browser);
    await enterSession(page, service.url);
    await shortenTimeLimits(page);
    await page.goto(`${service.url}/`);
    await untilText(page, ".banner", /Too many people are watching; close a window\./);
    one?.leave();
    await untilText(page, ".pulse", /^live$/);
    assert.equal(await page.$(".banner"), null);
  });

  it("do not show an empty result before the search has ended, and keep the result up to date", async () => {
    const { code, id } = await createTestEvent(db, { STANDARD: 8 });
    // The stream sends the busiest sixty; this event is older than so many others.
    await Promise.all(times(61, { STANDARD: 1 }).map((totals) => createTestEvent(db, totals)));
    const { page } = await openConsole(browser, service.url);
    await page.waitForSelector(".events");
    await page.evaluate(`
      window.notes = new Set();
      new MutationObserver(() => notes.add(document.querySelector(".events [role=status]")?.textContent))
        .observe(document.querySelector(".events"), { childList: true, subtree: true, characterData: true });`);
    await search(page, code.toUpperCase());
    await untilText(page, ".event-row", new RegExp(`${code}.*8 ?left of 8`));
    const notes = String(await page.evaluate("[...notes].join()"));
    assert.match(notes, /Loading events …/);
    assert(!notes.includes("No event has"), notes);

    await sql`UPDATE inventory SET allocated = 3 WHERE event_id = ${id}`.execute(db);
    await untilText(page, ".event-row", new RegExp(`${code}.*5 ?left of 8`));
    await search(page, "no such event");
    await untilText(page, ".events", /No event has “no such event” in its code or name\./);
  });

  it("show since when a part has not been updated", async () => {
    const { page } = await openConsole(browser, service.url);
    await untilText(page, ".panel", /Webhooks.*There are no webhook endpoints/);
    const { tx, rollback } = await openTransaction(db);
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`LOCK TABLE webhook_endpoints IN ACCESS EXCLUSIVE MODE`.execute(tx);
    await untilText(page, ".panel", /Webhooks.*This panel has not been updated since \d\d:\d\d:\d\d/, patienceMs);
    assert.match(await readText(page, ".pulse"), /^live$/);
    await rollback();
    await untilText(page, ".panel", /Webhooks ?There are no webhook endpoints/, patienceMs);
  });

  it("have charts whose points can be read by keyboard, and whose lines differ without colours", async () => {
    const { page } = await openConsole(browser, service.url);
    const chart = '.chart [role="slider"]';
    await page.waitForSelector(chart);
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
    // Points arrive meanwhile, so one press may not be enough.
    const pressUntil = (key: "ArrowLeft" | "ArrowRight", isShown: (text: string) => boolean) =>
      until(`${key} shows the point`, async () => {
        const text = await read("aria-valuetext");
        if (isShown(text)) return text;
        await page.keyboard.press(key);
        return undefined;
      });
    const earlier = await pressUntil("ArrowLeft", (text) => text < latest);
    await untilText(page, ".chart .range", new RegExp(earlier.slice(0, 8)));
    // The selection stays while further points arrive.
    const lastIndex = await read("aria-valuemax");
    await untilTrue("another point arrived", async () => (await read("aria-valuemax")) !== lastIndex);
    assert.equal(await read("aria-valuetext"), earlier);
    await pressUntil("ArrowRight", (text) => text >= latest);
    const lineStyles = await page.evaluate(
      '[...document.querySelectorAll(".chart .swatch")].map((swatch) => getComputedStyle(swatch).borderTopStyle)',
    );
    assert.deepEqual(lineStyles, ["solid", "dashed", "solid", "dashed", "dotted", "solid"]);
  });

  it("are not shown as live when no message arrives, and open one stream again, for the present view", async () => {
    const { page } = await openPage(browser);
    const streams = await recordStreams(page);
    await enterSession(page, service.url);
    await shortenTimeLimits(page);
    await page.goto(`${service.url}/`);
    await untilText(page, ".pulse", /^live$/);

    process.kill(service.pid, "SIGSTOP");
    await untilText(page, ".pulse", /^(stale|not connected)$/, patienceMs);
    // The page is waiting for the response of /api/session.
    const countBefore = streams.requested().length;
    await page.evaluate('location.hash = "#/events/1"');
    await untilTrue("the other view requests its stream", () => streams.requested().length > countBefore);
    process.kill(service.pid, "SIGCONT");
    await untilText(page, ".pulse", /^live$/, patienceMs);
    const messagesBefore = streams.messageCount();
    await untilTrue("some messages arrive", () => streams.messageCount() > messagesBefore + 4, patienceMs);

    assert.deepEqual(streams.open(), ["/api/stream?event=1"]);
    assert.deepEqual([...new Set(streams.requested().slice(countBefore))], ["/api/stream?event=1"]);
  });

  it("close their stream while they are hidden, and open it again when they are visible", async () => {
    const { page } = await openPage(browser);
    const streams = await recordStreams(page);
    await enterSession(page, service.url);
    await page.goto(`${service.url}/`);
    await untilText(page, ".pulse", /^live$/);
    const setHidden = (isHidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} });
        document.dispatchEvent(new Event("visibilitychange"));`);
    await setHidden(true);
    await untilTrue("the stream is closed", () => streams.open().length === 0);
    await setHidden(false);
    await untilText(page, ".pulse", /^live$/);
    assert.equal(streams.open().length, 1);
  });

  it("pause a queue, say so at the top of every page, and release it", async () => {
    const board = createBoardOf(await logIn(service.url));
    const { page } = await openConsole(browser, service.url, "#/system");
    const press = async (words: string) => {
      await page.waitForSelector(`button[aria-label="${words} deliver"]`);
      await page.click(`button[aria-label="${words} deliver"]`);
    };
    await press("Pause");
    await untilText(page, ".banner", /The work through queues is held back: deliver \(paused\)\./);
    assert.equal(await board.isPaused("deliver"), true);
    const queue = await openQueue(queueSourceOf({ DATABASE_URL: databaseUrl }), "deliver");
    await queue.setGlobalRateLimit(1, 10_000);
    await untilText(page, ".banner", /deliver \(paused, at most 1 job per 10 s\)/);
    await press("Release");
    await untilText(page, ".panel", /deliver is released\./);
    await page.waitForSelector(".banner", { hidden: true });
    assert.equal(await board.isPaused("deliver"), false);
  });
});
