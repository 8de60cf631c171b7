import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import axe from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { startAdminService } from "../../support/browser/admin.ts";
import { openConsole, readText, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import type { Service } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const customerKey = Buffer.alloc(32, 7).toString("base64");

describe("events in the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  let readOnlyService: Service;
  let browser: Browser;

  before(async () => {
    const settings = { CUSTOMER_KEY: customerKey };
    [installation, browser] = await Promise.all([startInstallation(postgresQueues, { settings }), startBrowser()]);
    const { environment } = installation;
    [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
    ]);
  });

  /** An event whose ticket types share a hall, one of them hidden. */
  async function createEvent(code: string, more: object = {}): Promise<void> {
    const created = await installation.api.post("/api/v1/events", {
      code,
      name: "A show",
      startTime: "2030-06-01T19:00:00Z",
      endTime: "2030-06-01T22:00:00Z",
      pools: [{ name: "HALL", total: 6 }],
      ticketTypes: [
        { ticketType: "ADULT", total: 10, pools: ["HALL"] },
        { ticketType: "FANCLUB", total: 4, pools: ["HALL"], visibility: "code" },
      ],
      ...more,
    });
    assert.equal(created.status, 201, JSON.stringify(created.body));
  }

  const buy = (eventCode: string, body: object) =>
    installation.api.post<{ status: string; code: string }>(
      "/api/v1/orders/purchase",
      { eventCode, ticketType: "ADULT", quantity: 1, ...body },
      { "idempotency-key": crypto.randomUUID(), prefer: "wait=10" },
    );

  /** Opens the event's page from the list of events. */
  async function open(url: string, code: string) {
    const { page, faults } = await openConsole(browser, url);
    await untilText(page, ".event-row", new RegExp(code));
    await page.evaluate(`
      [...document.querySelectorAll(".event-row")].find((row) => row.textContent.includes("${code}")).click();`);
    await page.waitForSelector(".sale");
    return { page, faults };
  }

  /** Presses the button with these words, once it is there. */
  async function press(page: Page, words: string): Promise<void> {
    await untilTrue(`there is the button "${words}"`, async () => {
      const isPressed = await page.evaluate(`{
        const named = (button) => (button.getAttribute("aria-label") ?? button.textContent) === "${words}";
        const found = [...document.querySelectorAll("button")].find((button) => named(button) && !button.disabled);
        found?.click();
        found !== undefined;
      }`);
      return isPressed === true;
    });
  }

  async function fill(page: Page, name: string, value: string): Promise<void> {
    await page.waitForSelector(`[name="${name}"]`);
    await page.click(`[name="${name}"]`, { count: 3 });
    await page.type(`[name="${name}"]`, value);
  }

  it("are paused, get other totals, codes and a cancellation from people who see what they do", async () => {
    const code = `RULES-${Date.now()}`;
    await createEvent(code);
    const bought = await buy(code, { quantity: 4 });
    assert.equal(bought.body.status, "CONFIRMED");
    const { page, faults } = await open(service.url, code);
    await untilText(page, ".stock", /ADULT\D*402 \(pool HALL\)10.*FANCLUBhidden.*Pool HALLADULT, FANCLUB\D*4026/);

    await press(page, "Pause");
    await untilText(page, ".sale", /paused.*The sale is paused/);
    const refused = () => buy(code, {}).then(({ body }) => body.code === "sale-paused");
    await untilTrue("the gateway refuses purchases", refused);
    await press(page, "Resume");
    await untilText(page, ".sale", /Sale ?open.*The pause has ended/);

    await press(page, "Change the total of the pool HALL");
    await fill(page, "total", "9");
    await press(page, "Set the total");
    await untilText(page, ".stock", /The pool HALL has 9 tickets now\./);
    await untilText(page, ".stock", /Pool HALLADULT, FANCLUB\D*4059/);

    await press(page, "Make access codes");
    await fill(page, "maxUses", "3");
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await press(page, "Make the codes");
    await untilText(page, ".codes", /The code is made/);
    const accessCode = String(await page.$eval("textarea", (area) => ("value" in area ? area.value : "")));
    assert.match(accessCode, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
    const ofFan = await buy(code, { ticketType: "FANCLUB", accessCode });
    assert.equal(ofFan.body.status, "CONFIRMED", JSON.stringify(ofFan.body));
    await untilText(page, ".codes", new RegExp(`…${accessCode.slice(-4)} ?FANCLUB ?1 of 3`));
    await press(page, "I have copied them");
    await press(page, `Revoke the code that ends with ${accessCode.slice(-4)}`);
    await untilText(page, ".codes", /FANCLUB ?1 of 3.*revoked/);
    await untilText(
      page,
      ".activity",
      /console admin.*access code \d+ revoked.*access code \d+ created.*pool HALL 6 → 9/,
    );

    await press(page, "Cancel the event");
    await fill(page, "reason", "The band is ill.");
    await fill(page, "code", "another");
    await press(page, `Cancel ${code}`);
    await untilText(page, ".sale", new RegExp(`Type the event's code, ${code}, to cancel it\\.`));
    await fill(page, "code", code);
    await press(page, `Cancel ${code}`);
    await untilText(page, ".sale", /cancelled.*The band is ill\..*2 of 2 orders cancelled: done\./);
    assert.equal(await page.$(".sale button"), null);
    await assertAccessible(page);
    await page.goto(`${service.url}/`);
    await untilText(page, ".event-row", new RegExp(`${code} ?cancelled`));
    assert.deepEqual(
      faults.filter((fault) => !/status of 400/.test(fault)),
      [],
    );
  });

  it("get other rules and prices, and new ticket types", async () => {
    const code = `PRICES-${Date.now()}`;
    await createEvent(code);
    const { page, faults } = await open(service.url, code);
    await press(page, "Change rules");
    await fill(page, "maxPerOrder", "3");
    await page.select("[name=waitlistPolicy]", "strict");
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await press(page, "Set the rules");
    await untilText(page, ".sale", /The rules of the sale are changed/);
    await untilText(page, ".activity", /console admin.*maxPerOrder none → 3, waitlistPolicy skip → strict/);

    await press(page, "Change the total of ADULT");
    await fill(page, "amount", "12.505");
    await fill(page, "currency", "eur");
    await press(page, "Set total and price");
    assert.match(
      String(await page.$eval("[name=amount]", (field) => "validationMessage" in field && field.validationMessage)),
      /An amount such as/,
    );
    await fill(page, "amount", "12.5");
    await press(page, "Set total and price");
    await untilText(page, ".stock", /ADULT has 10 tickets now\./);

    await press(page, "Add a ticket type");
    await fill(page, "ticketType", "BABY");
    await fill(page, "total", "5");
    await page.click("[name=pools]");
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await press(page, "Add the ticket type");
    await untilText(page, ".stock", /BABY has 5 tickets now\./);
    await untilText(page, ".stock", /Pool HALLADULT, BABY, FANCLUB/);
    const { body } = await installation.api.get<Event>(`/api/v1/events/${code}`);
    assert.deepEqual([body.maxPerOrder, body.waitlistPolicy], [3, "strict"]);
    const prices = body.ticketTypes.map(({ ticketType, price }) => [ticketType, price]);
    assert.deepEqual(prices.slice(0, 2), [
      ["ADULT", { amount: 1_250, currency: "EUR" }],
      ["BABY", undefined],
    ]);
    assert.deepEqual(faults, []);
  });

  it("show how long it is until the sale opens, open now, and show who waits", async () => {
    const code = `WAITING-${Date.now()}`;
    await createEvent(code, { salesStart: "2029-06-01T19:00:00Z" });
    const { page, faults } = await open(service.url, code);
    await untilText(page, ".sale", /opens in [\d,]+\sd.*Opens on 1 Jun 2029/);
    await press(page, "Open now");
    await untilText(page, ".sale", /Sale ?open/);
    await untilTrue("the gateway sells", async () => (await buy(code, { quantity: 6 })).body.status === "CONFIRMED");
    const waiting = await buy(code, { quantity: 2, waitlist: true, customerRef: "ada" });
    assert.equal(waiting.body.status, "WAITING");
    await untilText(page, ".waiting", /1 for ADULT.*2 ADULT for ada/);
    await untilText(page, ".stock", /Waiting.*ADULT\D*6010 \(pool HALL\)10/);
    await page.click(".waiting a");
    await press(page, "Cancel");
    await fill(page, "reason", "tired");
    await press(page, "Take off the waiting list");
    await untilText(page, ".actions", /The order has left the waiting list\./);
    assert.deepEqual(faults, []);
  });

  it("have no buttons in read-only mode", async () => {
    const code = `READ-ONLY-${Date.now()}`;
    await createEvent(code);
    const { page } = await open(readOnlyService.url, code);
    await untilText(page, ".activity", /Nobody has changed this event\./);
    await untilText(page, ".codes", /There are no access codes\./);
    const buttons = await readText(page, "main button");
    assert.equal(buttons, "");
  });
});
