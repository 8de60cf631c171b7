import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { watcherCountMax } from "@onsale/admin/console/watchers";
import type { Browser } from "puppeteer-core";
import { adminPassword, logIn, startAdminService } from "../../support/browser/admin.ts";
import { logInWithForm, openPage, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { noteStreams } from "../../support/browser/page-streams.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import type { Environment } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

/** A page gives a silent stream up after ten seconds. */
const patienceMs = 40_000;

describe("the stream of the live console", { skip: withoutBrowser }, () => {
  let environment: Environment;
  let browser: Browser;

  before(async () => {
    environment = { DATABASE_URL: await createTestDatabase() };
    browser = await startBrowser();
  });

  it("is not called live when nothing comes any more, and is made again, once, wherever one went meanwhile", async () => {
    const service = await startAdminService(environment);
    const { page } = await openPage(browser);
    const streams = await noteStreams(page);
    await logInWithForm(page, service.url);
    await untilText(page, ".pulse", /^live$/);

    process.kill(service.pid, "SIGSTOP");
    await untilText(page, ".pulse", /^(stale|not connected)$/, patienceMs);
    // The page asks whether the service is there, which does not answer yet.
    const askedBefore = streams.asked().length;
    await page.evaluate('location.hash = "#/events/1"');
    await untilTrue("the other view asks for its stream", () => streams.asked().length > askedBefore);
    process.kill(service.pid, "SIGCONT");
    await untilText(page, ".pulse", /^live$/, patienceMs);
    const messagesBefore = streams.messageCount();
    await untilTrue("some seconds are told", () => streams.messageCount() > messagesBefore + 4, patienceMs);

    assert.deepEqual(streams.open(), ["/api/stream?event=1"]);
    assert.deepEqual([...new Set(streams.asked().slice(askedBefore))], ["/api/stream?event=1"]);
  });

  it("is closed while nobody can see the page, and opened when somebody does", async () => {
    const service = await startAdminService(environment);
    const { page } = await openPage(browser);
    const streams = await noteStreams(page);
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

  it("that is refused because too many people watch says just that, and begins once there is room", async () => {
    const service = await startAdminService(environment);
    const admin = await logIn(service.url);
    const [one] = await Promise.all(Array.from({ length: watcherCountMax }, () => admin.watch()));
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
