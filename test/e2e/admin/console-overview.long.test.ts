import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import axe from "axe-core";
import { sql } from "kysely";
import type { Browser, Page } from "puppeteer-core";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { startAdminService } from "../../support/browser/admin.ts";
import { openConsole, readText, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { connect } from "../../support/database/database.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import type { Service } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";
import { buy } from "../../support/webhooks/webhooks.ts";

/** The forecast needs twenty seconds of a steady sale. */
const forecastMaxMs = 60_000;

describe("the overview and the system in the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  let browser: Browser;
  let db: Db;

  before(async () => {
    [installation, browser] = await Promise.all([startInstallation(postgresQueues), startBrowser()]);
    service = await startAdminService(installation.environment);
    db = connect(installation.databaseUrl);
  });

  async function assertAllAccessible(page: Page): Promise<void> {
    await page.evaluate(axe.source);
    await assertAccessible(page);
  }

  it("say what to do while there is nothing", async () => {
    const { page, faults } = await openConsole(browser, service.url);
    await untilText(page, ".events", /There are no events yet; POST \/api\/v1\/events creates one\./);
    await untilText(page, ".tile", /Sold0 of 00\s% sold, 0 held, in 0 events/);
    await untilText(page, ".panel", /Nothing was refused since the start\..*There are no webhook endpoints; POST/);
    await assertAllAccessible(page);
    assert.deepEqual(faults, []);
  });

  it("show what the database has: sold, held, its share, pending", async () => {
    const { api } = installation;
    const [one, other] = [await api.createEvent({ A: 600, B: 400 }), await api.createEvent({ STANDARD: 500 })];
    await Promise.all([
      api.purchase({ eventCode: one, ticketType: "A", quantity: 3, waitSeconds: 10 }),
      api.purchase({ eventCode: one, ticketType: "B", quantity: 2, waitSeconds: 10 }),
      api.purchase({ eventCode: other, quantity: 1, waitSeconds: 10 }),
    ]);
    const body = { eventCode: other, ticketType: "STANDARD", quantity: 4, hold: true };
    const headers = { "idempotency-key": crypto.randomUUID(), prefer: "wait=10" };
    await api.post("/api/v1/orders/purchase", body, headers);

    const { rows } = await sql<{ sold: number; held: number; total: number }>`
      SELECT sum(allocated)::int - (SELECT sum(quantity) FROM holds)::int AS sold,
             (SELECT sum(quantity) FROM holds)::int AS held, sum(total)::int AS total FROM inventory`.execute(db);
    assert.deepEqual(rows, [{ sold: 6, held: 4, total: 1_500 }]);
    const { page } = await openConsole(browser, service.url);
    await untilText(page, ".tile", /Sold6 of 1,5000\.4\s% sold, 4 held, in 2 events/);
    await untilText(page, ".tile", /Pending0 ordersnone waits for a decision/);
  });

  it("count a share as 100 % only when it is all, and show a sold-out event as a success", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 1_001 }, `FULL-${Date.now()}`);
    await api.purchase({ eventCode, quantity: 1_000, waitSeconds: 10 });
    const { page } = await openConsole(browser, service.url);
    await untilText(page, ".event-row", new RegExp(`${eventCode}.*1 ?left of 1,001, 99\\.9\\s% gone`));
    await api.purchase({ eventCode, quantity: 1, waitSeconds: 10 });
    await untilText(page, ".event-row", new RegExp(`${eventCode}.*sold out ?left of 1,001, 100\\s% gone`));
    const colours = await page.evaluate(`
      [".tag.sold-out", ".tag.ok", ".tag.bad"].map((selector) => {
        const tag = document.querySelector(selector) ?? document.body.appendChild(document.createElement("b"));
        if (selector === ".tag.bad") tag.className = "tag bad";
        return getComputedStyle(tag).color;
      })`);
    assert(Array.isArray(colours));
    assert.equal(colours[0], colours[1]);
    assert.notEqual(colours[0], colours[2]);
    const soldAndLink = await page.evaluate(`[
      getComputedStyle(document.querySelector(".stock-bar .sold")).fill,
      getComputedStyle(document.querySelector("nav a[aria-current]")).color,
    ]`);
    assert(Array.isArray(soldAndLink));
    assert.notEqual(soldAndLink[0], soldAndLink[1]);
  });

  it("fit a phone, with the events first; charts side by side have the same height", async () => {
    const { page } = await openConsole(browser, service.url);
    await untilText(page, ".event-row", /left of/);
    const topOf = (selector: string) => page.$eval(selector, (element) => element.getBoundingClientRect().top);
    for (const width of [390, 1280, 1920]) {
      await page.setViewport({ width, height: 900 });
      assert.equal((await topOf(".events")) < (await topOf(".tiles")), width === 390, `at ${width} pixels`);
      const isWider = "document.documentElement.scrollWidth > innerWidth";
      assert.equal(await page.evaluate(isWider), false, `at ${width} pixels`);
    }
    const measure = (part: string) => `
      [...document.querySelectorAll(".charts .chart ${part}")].map((element) => {
        const { top, height } = element.getBoundingClientRect();
        return top + " " + height;
      })`;
    for (const part of ["", "[role=slider]"]) {
      const places = await page.evaluate(measure(part));
      assert(Array.isArray(places) && places.length === 3);
      assert.equal(new Set(places).size, 1, `charts ${part} lie at ${places.join(", ")}`);
    }
    await assertAllAccessible(page);
  });

  it("forecast the sell-out while the pace is steady, and have the peak beside the rate", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10_000 }, `STEADY-${Date.now()}`);
    const { page } = await openConsole(browser, service.url);
    await untilText(page, ".event-row", new RegExp(eventCode));
    const forecast = /sells out in about [\d,]+\s(s|min|h)/;
    await until(
      "there is a forecast",
      async () => {
        await buy(api, eventCode, 1);
        return forecast.test(await readText(page, ".event-row")) || null;
      },
      forecastMaxMs,
    );
    await untilText(page, ".tile", new RegExp(`Pace[\\d.]+ tickets/speak [\\d.]+/s.*${eventCode} sells out in about`));
  });

  it("have a page for what is technical, which the overview does not have", async () => {
    const { page, faults } = await openConsole(browser, service.url);
    await untilText(page, ".tile", /Pace/);
    assert.doesNotMatch(await readText(page, "main"), /batch|insert|Conflicts|Processes/i);
    await page.click("nav a[href='#/system']");
    await untilText(page, "h1", /^System$/);
    await untilText(page, ".tile", /Acceptedpeak|Accepted[\d.]+ \/speak [\d.]+\/s/);
    await untilText(page, ".tile", /Orders in a batch.*Conflicts0 \/s/);
    for (const kind of ["gateway", "worker", "admin"]) await untilText(page, ".panel", new RegExp(`${kind} ?up`));
    await untilText(page, ".panel", /PostgreSQL ?up to date/);
    assert.equal(await readText(page, "nav a[aria-current]"), "System");
    await untilTrue("the queues are shown", async () => (await page.$$(".panel a[href^='/queues/queue/']")).length > 0);
    await assertAllAccessible(page);
    assert.deepEqual(faults, []);
  });
});
