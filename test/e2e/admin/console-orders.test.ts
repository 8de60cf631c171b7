import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import axe from "axe-core";
import type { Browser } from "puppeteer-core";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { startAdminService } from "../../support/browser/admin.ts";
import { openConsole, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import type { Service } from "../../support/services/services.ts";

describe("orders in the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  let readOnlyService: Service;
  let browser: Browser;
  let eventCode: string;

  before(async () => {
    [installation, browser] = await Promise.all([startInstallation(postgresQueues), startBrowser()]);
    const { api, environment } = installation;
    [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
    ]);
    const price = { amount: 4_500, currency: "EUR" };
    const priced = [
      { ticketType: "STANDARD", total: 30, price },
      { ticketType: "VIP", total: 10, price: { ...price, amount: 9_000 } },
    ];
    eventCode = `HELD-${Date.now()}`;
    const created = await api.post("/api/v1/events", {
      code: eventCode,
      name: "A show",
      startTime: "2030-06-01T19:00:00Z",
      endTime: "2030-06-01T22:00:00Z",
      ticketTypes: priced,
    });
    assert.equal(created.status, 201);
  });

  /** A held order. */
  async function hold(body: object, key: string): Promise<string> {
    const headers = { "idempotency-key": key, prefer: "wait=10" };
    const answer = await installation.api.post<Order>("/api/v1/orders/purchase", { eventCode, ...body }, headers);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.id;
  }

  it("are cancelled in part, confirmed, and cancelled, by people who see what they do", async () => {
    const items = [
      { ticketType: "STANDARD", quantity: 2 },
      { ticketType: "VIP", quantity: 1 },
    ];
    const orderId = await hold({ items, holdSeconds: 600 }, "basket");
    const { page, faults } = await openConsole(browser, service.url, `#/orders/${orderId}`);
    await untilText(page, ".facts", /held.*2 STANDARD at EUR\s45\.00.*1 VIP at EUR\s90\.00.*Total.*EUR\s180\.00/s);
    await untilText(page, "h1", /^2 STANDARD \+ 1 VIP$/);
    await untilText(page, ".facts", /Expires\s*in [\d.]+\smin/);
    await untilText(page, ".timeline", /Decided after .*: held/);

    await page.click(".actions button:nth-child(2)");
    await page.type('.actions input[name="reason"]', "one is ill");
    await page.$eval('.actions input[name="items STANDARD"]', (input) => {
      if ("value" in input) input.value = "1";
    });
    await page.$eval('.actions input[name="items VIP"]', (input) => {
      if ("value" in input) input.value = "0";
    });
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await page.click(".actions form button");
    await untilText(page, ".actions", /The tickets are on sale again; the order keeps the others\./);
    await untilText(page, ".timeline", /1 STANDARD given back by console admin: one is ill/);
    await untilText(page, ".facts", /1 STANDARD at EUR\s45\.00.*Total.*EUR\s135\.00/s);

    await page.click(".actions button");
    await page.type('.actions input[name="reference"]', "pay-4711");
    await page.click(".actions form button");
    await untilText(page, ".facts", /confirmed.*Payment\s*pay-4711/s);
    await untilText(page, ".timeline", /Confirmed by console admin/);

    await page.click(".actions button");
    await page.type('.actions input[name="reason"]', "rain");
    await page.click(".actions form button");
    await untilText(page, ".actions", /The order is cancelled; its tickets are on sale again\./);
    await untilText(page, ".timeline", /Cancelled by console admin: rain/);
    assert.deepEqual(faults, []);
  });

  it("show in the event which tickets are held, how many soon come back, and how orders ended", async () => {
    await hold({ ticketType: "STANDARD", quantity: 3, holdSeconds: 600 }, "long");
    await hold({ ticketType: "STANDARD", quantity: 2, holdSeconds: 30 }, "short");
    const { page, faults } = await openConsole(browser, service.url);
    await untilText(page, ".event-row", new RegExp(`${eventCode}.*5 held`));
    await page.click(".event-row");
    await untilText(page, "main", /STANDARD05 \(2 end soon\)2530/);
    await untilText(page, ".counts", /2 held\s*0 expired\s*1 cancelled/);
    const label = await page.$eval(".stock tr:first-child .stock-bar", (bar) => bar.getAttribute("aria-label"));
    assert.equal(label, "0 sold, 5 held (2 for less than a minute), 25 of 30 left");
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await page.select("select", "CANCELLED");
    await untilText(page, "main", /1 STANDARD \+ 1 VIP ?cancelled/);
    assert.deepEqual(faults, []);
  });

  it("have no buttons in read-only mode", async () => {
    const orderId = await hold({ ticketType: "VIP", quantity: 1, hold: true }, "read-only");
    const { page } = await openConsole(browser, readOnlyService.url, `#/orders/${orderId}`);
    await untilText(page, ".timeline", /Decided after .*: held/);
    assert.equal(await page.$(".actions"), null);
  });
});
