import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { streamClientCountMax } from "@onsale/admin/console/stream-clients";
import type { Browser } from "puppeteer-core";
import { adminPassword, logIn, startAdminService } from "../../support/browser/admin.ts";
import { logInWithForm, openPage, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { recordStreams } from "../../support/browser/page-streams.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import type { Environment } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

/** A page closes a silent stream after ten seconds. */
const patienceMs = 40_000;

describe("the stream of the live console", { skip: withoutBrowser }, () => {
  let environment: Environment;
  let browser: Browser;

  before(async () => {
    environment = { DATABASE_URL: await createTestDatabase() };
    browser = await startBrowser();
  });

  it("is not shown as live when no message arrives, and is opened again once, for the present view", async () => {
    const service = await startAdminService(environment);
    const { page } = await openPage(browser);
    const streams = await recordStreams(page);
    await logInWithForm(page, service.url);
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

  it("is closed while the page is hidden, and opened again when it is visible", async () => {
    const service = await startAdminService(environment);
    const { page } = await openPage(browser);
    const streams = await recordStreams(page);
    await logInWithForm(page, service.url);
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

  it("is refused with the reason when there are too many clients, and is opened after one has left", async () => {
    const service = await startAdminService(environment);
    const admin = await logIn(service.url);
    const [one] = await Promise.all(Array.from({ length: streamClientCountMax }, () => admin.openStream()));
    const { page } = await openPage(browser);
    await page.goto(`${service.url}/login`);
    await page.type("#password", adminPassword);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    await untilText(page, ".banner", /Too many people are watching; close a window\./);
    one?.leave();
    await untilText(page, ".pulse", /^live$/);
    assert.equal(await page.$(".banner"), null);
  });
});
