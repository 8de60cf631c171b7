import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Change } from "@onsale/admin/console/messages/messages";
import axe from "axe-core";
import type { Browser } from "puppeteer-core";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { startAdminService } from "../../support/browser/admin.ts";
import {
  enterSession,
  logInWithForm,
  openConsole,
  openPage,
  readText,
  startBrowser,
  untilText,
  withoutBrowser,
} from "../../support/browser/chromium.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { type Service, startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { buy, createWebhook, webhookSettings } from "../../support/webhooks/webhooks.ts";

describe("the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  /** Of the same installation, in read-only mode. */
  let readOnlyService: Service;
  let browser: Browser;
  /** Created before the first page is opened: the service ranks the events only every five seconds. */
  let codes: Readonly<Record<"live" | "rate" | "keys" | "soldOut", string>>;

  before(async () => {
    const starting = startInstallation(postgresQueues, { settings: webhookSettings() });
    [installation, browser] = await Promise.all([starting, startBrowser()]);
    const { api, environment } = installation;
    [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
      startNotifier(environment),
    ]);
    codes = {
      live: await api.createEvent({ STANDARD: 30, VIP: 10 }, `LIVE-${Date.now()}`),
      rate: await api.createEvent({ STANDARD: 1_000 }, `RATE-${Date.now()}`),
      keys: await api.createEvent({ STANDARD: 5 }, `KEYS-${Date.now()}`),
      soldOut: await api.createEvent({ STANDARD: 1 }, `SOLD-OUT-${Date.now()}`),
    };
  });

  it("shows a sale live: stock falls, orders are counted, the event sells out", async () => {
    const { api } = installation;
    const { page, faults } = await openPage(browser);
    await logInWithForm(page, service.url);
    const eventCode = codes.live;
    const row = ".event-row";
    await untilText(page, row, new RegExp(`${eventCode}.*40 ?left of 40, 0\\s% gone`));

    // Shown for some seconds after a decision: it is looked for from the first one on.
    await Promise.all([buy(api, eventCode, 25), untilText(page, ".tile", /Decision time[\d.]+\sms p95/)]);
    await untilText(page, row, new RegExp(`${eventCode}.*15 ?left of 40, 62.5\\s% gone`));
    await untilText(page, ".tile", /Pace[\d.]+ tickets\/speak [\d.]+\/s, 25 since start/);

    for (const ticketType of ["STANDARD", "VIP"]) {
      const purchases = Array.from({ length: 12 }, () => api.purchase({ eventCode, ticketType, waitSeconds: 10 }));
      await Promise.all(purchases);
    }
    await untilText(page, row, new RegExp(`${eventCode}.*sold out ?left of 40, 100\\s% gone`));
    await untilText(page, ".panel", /The ticket type is sold outorder rejected/);
    assert.deepEqual(faults, []);
  });

  it("receives only what changed, at most four times a second", async () => {
    const { api } = installation;
    const { page } = await openPage(browser);
    const session = await page.createCDPSession();
    await session.send("Network.enable");
    const startedAtMs = Date.now();
    const streams: string[] = [];
    const messages: { change: Change; length: number }[] = [];
    session.on("Network.requestWillBeSent", ({ request }) => {
      if (request.url.includes("/api/stream")) streams.push(request.url);
    });
    session.on("Network.eventSourceMessageReceived", ({ data }) => {
      messages.push({ change: JSON.parse(data), length: data.length });
    });
    await enterSession(page, service.url);
    await page.goto(`${service.url}/`);
    // Each message is followed by a sale, which changes more than one section.
    for (let count = 1; count <= 13; count++) {
      await untilTrue("a message arrives", () => messages.length >= count);
      await buy(api, codes.rate, 1);
    }
    assert.equal(streams.length, 1);
    const [first, ...others] = messages;
    assert(first !== undefined);
    assert(others.every(({ length }) => length < first.length));
    // By the server's clock: the points have its time.
    const times = messages
      .flatMap(({ change }) => change.points.map(({ atMs }) => atMs))
      .filter((atMs) => atMs > startedAtMs);
    const seconds = ((times.at(-1) ?? 0) - startedAtMs) / 1_000;
    assert(others.length <= 4 * (seconds + 1), `${others.length} messages in ${seconds} s`);
  });

  it("finds any event, and shows its ticket types, its orders, and the timeline of one order", async () => {
    const { api } = installation;
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 30 }, `FINDME-${Date.now()}`);
    await createWebhook(api, receiver.url, eventCode);
    const [orderId = ""] = await buy(api, eventCode, 3);
    await untilTrue("the receiver has the webhooks", () => receiver.received.length >= 3);

    const { page, faults } = await openConsole(browser, service.url);
    await page.waitForSelector("input[type=search]");
    await page.type("input[type=search]", "findme");
    await untilText(page, ".events", new RegExp(`Events found.*${eventCode}`));
    await page.click(".event-row");
    await untilText(page, "main", new RegExp(`${eventCode}, of account default.*STANDARD302730`));
    await untilText(page, "main", /Newest orders.*1 STANDARD.*confirmed/);
    await page.goto(`${service.url}/#/orders/${orderId}`);
    await untilText(
      page,
      ".timeline",
      /Accepted: the order is on disk.*Decided after .*: confirmed.*attempt 1: delivered/,
    );
    await untilText(page, ".delivery", /order\.confirmed ?delivered.*Attempt 1: delivered \(204\)/);

    const countBefore = receiver.received.length;
    await page.click(".delivery button");
    await untilText(page, ".delivery", /It is sent again at once/);
    await untilTrue("it was sent again", () => receiver.received.length > countBefore);
    await untilText(page, ".timeline", /attempt 2: delivered/);
    assert.deepEqual(faults, []);
  });

  it("has messages for views that do not exist, and for a search without a result", async () => {
    const { page } = await openConsole(browser, service.url);
    await page.waitForSelector("input[type=search]");
    await page.type("input[type=search]", "<b>nobody</b>");
    await untilText(page, ".events", /No event has “<b>nobody<\/b>” in its code or name\./);
    for (const [view, words] of [
      ["#/events/999999", /There is no event with this number\./],
      ["#/events/9999999999", /There is no event with this number\./],
      ["#/orders/01990000-0000-7000-8000-00000000ffff", /There is no order with this id\./],
      ["#/orders/typo", /There is no order with this id\./],
      ["#/nothing", /There is no such page\./],
    ] as const) {
      await page.goto(`${service.url}/${view}`);
      await untilText(page, "main", words);
      await untilText(page, ".pulse", /^live$/);
    }
  });

  it("can be used with the keyboard alone", async () => {
    const { api } = installation;
    const eventCode = codes.keys;
    await api.purchase({ eventCode, waitSeconds: 10 });
    const { page } = await openConsole(browser, service.url);
    await untilText(page, ".event-row", new RegExp(eventCode));
    const focused = () => page.evaluate("document.activeElement.textContent + document.activeElement.tagName");
    const tabTo = async (pattern: RegExp) => {
      for (let count = 0; count < 80; count++) {
        await page.keyboard.press("Tab");
        if (pattern.test(String(await focused()))) return;
      }
      assert.fail(`no Tab leads to ${pattern}`);
    };
    await page.keyboard.press("Tab");
    assert.match(String(await focused()), /Skip to the content/);
    const outline = "getComputedStyle(document.activeElement).outlineStyle";
    await tabTo(new RegExp(`${eventCode}.*A$`));
    assert.equal(await page.evaluate(outline), "solid");
    await page.keyboard.press("Enter");
    await untilText(page, "h1", /A show/);
    await tabTo(/^1 STANDARD( for .*)?A$/);
    await page.keyboard.press("Enter");
    await untilText(page, "main", /Timeline/);
    await tabTo(/^● DarkBUTTON$|^○ LightBUTTON$|^◐ AutoBUTTON$/);
    await page.keyboard.press("Enter");
    assert.match(await readText(page, ".tools"), /Dark/);
    await tabTo(/^Log outBUTTON$/);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    assert.match(page.url(), /\/login$/);
  });

  it("is accessible in both themes on narrow and wide screens, and fits their widths", async () => {
    const { api } = installation;
    const { page } = await openPage(browser);
    await page.goto(`${service.url}/login`);
    await page.evaluate(axe.source);
    await assertAccessible(page);

    const [orderId] = await buy(api, codes.soldOut, 2);
    await enterSession(page, service.url);
    await page.goto(`${service.url}/`);
    await page.evaluate(axe.source);
    await untilText(page, ".event-row", new RegExp(`${codes.soldOut}.*sold out`));
    await assertAccessible(page);
    await page.click(".event-row");
    await untilText(page, "main", /Newest orders/);
    await assertAccessible(page);
    await page.goto(`${service.url}/#/orders/${orderId}`);
    await untilText(page, "main", /Timeline/);
    await assertAccessible(page);
  });

  it("applies the chosen theme, and keeps it", async () => {
    const { page } = await openConsole(browser, service.url);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    await page.waitForSelector(".tools button[type=button]");
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.click(".tools button[type=button]");
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    await page.waitForSelector(".tiles .tile");
    assert.equal(await background(), dark);
  });

  it("has no button to send a delivery again in read-only mode", async () => {
    const { api } = installation;
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 5 });
    await createWebhook(api, receiver.url, eventCode);
    const [orderId] = await buy(api, eventCode, 1);
    const buttonsOf = async ({ url }: Service): Promise<number> => {
      const { page } = await openConsole(browser, url, `#/orders/${orderId}`);
      await untilText(page, ".delivery", /order\.confirmed ?delivered/);
      return (await page.$$(".delivery button")).length;
    };
    assert.deepEqual([await buttonsOf(service), await buttonsOf(readOnlyService)], [1, 0]);
  });

  it("shows a lost connection, keeps showing an order, and recovers when the admin service is back", async () => {
    const { api, environment } = installation;
    const [orderId] = await buy(api, codes.rate, 1);
    const { page } = await openConsole(browser, readOnlyService.url, `#/orders/${orderId}`);
    await untilText(page, ".timeline", /confirmed/);
    await untilText(page, ".pulse", /^live$/);
    await readOnlyService.kill();
    await untilText(page, ".banner", /The admin service cannot be reached/);
    await untilText(page, "main", /cannot be reached at the moment\. You see the last known values\./, 40_000);
    assert.match(await readText(page, ".timeline"), /confirmed/);
    await startAdminService({ ...environment, ADMIN_PORT: new URL(readOnlyService.url).port });
    await untilText(page, ".pulse", /^live$/);
    assert.equal(await page.$(".banner"), null);
  });
});
