import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import axe from "axe-core";
import type { Browser } from "puppeteer-core";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { startAdminService } from "../../support/browser/admin.ts";
import {
  clickButton,
  openConsole,
  readText,
  startBrowser,
  untilText,
  withoutBrowser,
} from "../../support/browser/chromium.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import type { Installation } from "../../support/services/installation.ts";
import type { Service } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";
import { answer, startReceiver } from "../../support/webhooks/receiver.ts";
import { buy, createWebhook, getWebhook, startInstallationWithWebhooks } from "../../support/webhooks/webhooks.ts";

describe("webhooks in the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  let browser: Browser;

  before(async () => {
    [installation, browser] = await Promise.all([startInstallationWithWebhooks(postgresQueues), startBrowser()]);
    service = await startAdminService(installation.environment);
  });

  it("are found, pinged, sent again, disabled and enabled by people who see what they do", async () => {
    const { api } = installation;
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const webhook = await createWebhook(api, receiver.url, eventCode);
    const [first = "", second = ""] = [...(await buy(api, eventCode, 1)), ...(await buy(api, eventCode, 1))];
    await untilTrue("both have arrived", () => receiver.received.length === 2);
    const { page, faults } = await openConsole(browser, service.url);
    await page.waitForSelector("nav a[href='#/webhooks']");
    await page.click("nav a[href='#/webhooks']");
    await untilText(
      page,
      ".endpoints tbody",
      new RegExp(`${receiver.url} ?working.*2 types of webhooks, of ${eventCode}`),
    );
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await page.click(`a[href='#/webhooks/${webhook.id}']`);
    await untilText(page, ".deliveries", /order\.confirmed ?delivered.*1 attempt: delivered \(204\)/);

    await page.type(".filters input", first.slice(0, 8));
    await untilText(page, ".deliveries", /Paste the whole id of an order\./);
    await page.type(".filters input", first.slice(8));
    await untilTrue("only one is shown", async () => (await page.$$(".delivery")).length === 1);
    await page.click(".delivery summary");
    await untilText(page, ".delivery", new RegExp(`…${first.slice(-8)}.*Attempt 1: delivered \\(204\\) at `));
    await clickButton(page, /^Send again: order\.confirmed/);
    await untilText(page, ".delivery", /It is sent again at once, under the same webhook-id\..*|2 attempts/);
    const again = await until("it arrives again", () => receiver.received[2]);
    assert.equal(again.order?.id, first);
    assert.equal(again.id, receiver.received.find(({ order }) => order?.id === first)?.id);
    await untilText(page, ".delivery", /2 attempts, the latest: delivered \(204\)/);

    await page.click(".filters input", { count: 3 });
    await page.keyboard.press("Backspace");
    await clickButton(page, /^Send a ping$/);
    await untilText(page, ".actions", /A ping is being sent/);
    await untilTrue("the ping arrives", () => receiver.received.at(-1)?.type === "webhook.ping");
    await page.select("select[aria-label='Type of the deliveries']", "webhook.ping");
    await untilText(page, ".deliveries", /webhook\.ping ?delivered/);
    await page.select("select[aria-label='Status of the deliveries']", "FAILED");
    await untilText(page, ".deliveries", /No delivery of this endpoint is like that/);

    await clickButton(page, /^Disable$/);
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await clickButton(page, /^Disable the endpoint$/);
    await untilText(page, ".actions", /The endpoint is disabled: nothing more is posted to it\./);
    assert.equal((await getWebhook(api, webhook.id)).enabled, false);
    await untilText(page, ".facts", /disabled since .* Disabled by hand\./);
    await clickButton(page, /^Enable$/);
    await untilText(page, ".actions", /The endpoint is enabled/);
    assert.equal((await getWebhook(api, webhook.id)).enabled, true);
    const log = /endpoint enabled.*console admin.*endpoint disabled.*ping sent.*order\.confirmed sent again/;
    await untilText(page, ".activity", log);
    assert.notEqual(first, second);
    assert.deepEqual(faults, []);
  });

  it("that fail say so, with the answers of their receiver, also beside the queues", async () => {
    const { api } = installation;
    const receiver = await startReceiver();
    receiver.respondWith(answer(503));
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const webhook = await createWebhook(api, receiver.url, eventCode);
    const [orderId = ""] = await buy(api, eventCode, 1);
    const { page, faults } = await openConsole(browser, service.url, "#/queues");
    await untilText(page, ".queues", /1 failing/);
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await page.click(".queues a[href='#/webhooks?state=failing']");
    await untilText(page, ".endpoints tbody", /failing ?all attempts since .* have failed/);
    await page.click(`a[href='#/webhooks/${webhook.id}']`);
    await untilText(
      page,
      ".deliveries",
      /retrying.*\d+ attempts, the latest: the receiver answered with an error \(503\)/,
    );
    await page.click(".delivery summary");
    await untilText(page, ".delivery", /Next attempt at .*an answer/);
    await page.click(".delivery .short-id a");
    await untilText(page, "main", new RegExp(`Orders / ${eventCode} / order.*1 STANDARD ?${orderId}`));
    receiver.respondWith(answer(204));
    await untilText(page, ".delivery", /delivered \(204\)/);
    assert.deepEqual(faults, []);
  });

  it("say what to do when there are none, and when an address is wrong", async () => {
    const { page } = await openConsole(browser, service.url, "#/webhooks?state=disabled");
    await untilText(page, ".endpoints", /No endpoint is disabled\. Show all endpoints/);
    await page.select(".endpoints select", "all");
    await untilText(page, ".endpoints tbody", /types of webhooks/);
    assert.equal(new URL(page.url()).hash, "#/webhooks");
    await page.goto(`${service.url}/#/webhooks/01990000-0000-7000-8000-00000000ffff`);
    await untilText(page, ".alert", /There is no webhook endpoint with this id\./);
    assert.equal(await readText(page, "main button"), "");
  });
});
