// The page of `npm run shop` in a real browser: what buyers can do, and what must not go wrong for them.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import axe from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { assertAccessibleAs } from "../../support/browser/accessible.ts";
import { startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import {
  choose,
  fanCode,
  hold,
  newCustomer,
  openShop,
  reserve,
  type ShopUnderTest,
  shopEvent,
  startShop,
  untilOrder,
} from "../../support/browser/shop.ts";
import { expireHold } from "../../support/database/holds.ts";
import { createApi } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describePipeline(
  "the page of npm run shop",
  (backend) => {
    let shop: ShopUnderTest;
    let browser: Browser;

    before(async () => {
      [shop, browser] = await Promise.all([startShop(backend), startBrowser()]);
    });

    const ordersOf = async (customer: string) => {
      const path = `/api/v1/orders?event=${shopEvent}&customerRef=${encodeURIComponent(customer)}`;
      return (await shop.installation.api.get<{ content: Order[] }>(path)).body.content;
    };
    const change = (part: object) => shop.installation.api.patch(`/api/v1/events/${shopEvent}`, part);

    /** Each theme once, on a phone and on a wide screen: colours do not depend on the width. */
    async function assertAllAccessible(page: Page): Promise<void> {
      await page.evaluate(axe.source);
      await assertAccessibleAs(page, "dark", 390);
      await assertAccessibleAs(page, "light", 1_280);
    }

    it("sells: basket, hold with its clock, payment, and the order is found again after a reload", async () => {
      const { page, faults } = await openShop(browser, shop.url);
      await choose(page, "FLOOR", 2);
      await choose(page, "BALCONY", 1);
      await untilText(page, "#basket", /2 × Floor€96\.00.*1 × Balcony€64\.00.*Total €160\.00/);
      await assertAllAccessible(page);
      await reserve(page);
      const id = await untilOrder(page, "held");
      await untilText(page, "#clock-digits", /^(5:00|4:\d\d)$/);
      await assertAllAccessible(page);
      await page.reload();
      await untilOrder(page, "held");
      await page.click('[data-behaviour="in-time"]');
      await untilOrder(page, "confirmed");
      await untilText(page, "#order-view", /You are going!.*€160\.00 paid\..*Ordered.*Tickets reserved.*Paid/);
      assert.equal((await shop.installation.api.order(id)).status, "CONFIRMED");
      await assertAllAccessible(page);
      await page.click("#orders-link");
      await untilText(page, "#orders", /2 Floor, 1 Balcony.*€160\.00Paid/);
      await assertAllAccessible(page);
      assert.deepEqual(faults, []);
    });

    it("says that a card was declined, and puts the tickets on sale again", async () => {
      const { page } = await openShop(browser, shop.url);
      const id = await hold(page);
      await page.click('[data-behaviour="declined"]');
      await untilOrder(page, "cancelled");
      await untilText(page, "#order-text", /The payment was declined\. The tickets are on sale again\./);
      assert.equal((await shop.installation.api.order(id)).status, "CANCELLED");
    });

    it("says that a hold has expired; a late payment gets the tickets while they are there", async () => {
      const { page } = await openShop(browser, shop.url);
      const unpaid = await hold(page);
      await expireHold(shop.db, unpaid);
      await untilOrder(page, "expired");
      await untilText(page, "#order-text", /Nothing was charged/);
      await assertAllAccessible(page);

      await page.click("#order-again a");
      const late = await hold(page);
      await page.click('[data-behaviour="late"]');
      await untilText(page, "#order-chip", /Payment on its way/);
      await expireHold(shop.db, late);
      await untilOrder(page, "confirmed");
      await untilText(page, "#history", /The time to pay ran out.*Paid late/);
    });

    it("gives some tickets back and then all, and shows what was paid back", async () => {
      const { page } = await openShop(browser, shop.url);
      const id = await hold(page, "FLOOR", 3);
      const giveBack = async (count: string) => {
        await page.click("#give-back-summary");
        await page.select('#give-back select[name="FLOOR"]', count);
        await page.click("#give-back-form button");
      };
      await giveBack("1");
      await untilText(page, "#order-lines", /2 × Floor/);
      await untilText(page, "#history", /1 ticket given back: Floor/);
      await page.click('[data-behaviour="in-time"]');
      await untilOrder(page, "confirmed");
      await giveBack("2");
      await untilOrder(page, "cancelled");
      await untilText(page, "#receipt", /€96\.00 paid, €96\.00 paid back\./);
      assert.equal((await shop.installation.api.order(id)).status, "CANCELLED");
    });

    it("sold out: joins the waiting list, shows the place, and the offer with its clock; leaves it", async () => {
      const { api } = shop.installation;
      const owner = await api.purchase({
        eventCode: shopEvent,
        ticketType: "LOUNGE",
        quantity: 4,
        customerRef: newCustomer(),
        waitSeconds: 10,
      });
      assert.equal(owner.body.status, "CONFIRMED");
      const [first, second] = await Promise.all([openShop(browser, shop.url), openShop(browser, shop.url)]);
      await untilText(first.page, '[data-type="LOUNGE"]', /Sold out/);
      await choose(first.page, "LOUNGE", 1);
      await untilText(first.page, "#buy", /Join the waiting list/);
      await assertAllAccessible(first.page);
      await reserve(first.page);
      await untilOrder(first.page, "waiting");
      await untilText(first.page, "#place", /You are number 1/);
      await assertAllAccessible(first.page);

      await choose(second.page, "LOUNGE", 2);
      await reserve(second.page);
      await untilOrder(second.page, "waiting");
      await untilText(second.page, "#place", /You are number 2/);
      await second.page.click("#give-back-summary");
      await second.page.click("#give-back-form button");
      await untilOrder(second.page, "cancelled");

      await api.post(`/api/v1/orders/${owner.body.id}/cancel`, {});
      await untilOrder(first.page, "held");
      await untilText(first.page, "#order-title", /Tickets came back/);
      await untilText(first.page, "#clock-digits", /^(10:00|9:\d\d)$/);
      await first.page.click('[data-behaviour="in-time"]');
      await untilOrder(first.page, "confirmed");
    });

    it("makes one order when the buyer clicks twice and reloads in the middle of it", async () => {
      const { page } = await openShop(browser, shop.url);
      const customer = newCustomer();
      await choose(page, "BALCONY", 1);
      await page.type("#customer", customer);
      await page.evaluate("document.getElementById('buy').click(); document.getElementById('buy').click()");
      await page.reload();
      await untilOrder(page, "held");
      await page.reload();
      await untilOrder(page, "held");
      assert.equal((await ordersOf(customer)).length, 1);
    });

    it("shows the order also when the answer comes after a reload has begun", async () => {
      const { page } = await openShop(browser, shop.url);
      const id = await hold(page);
      // As such a reload does, this drops the address that the answer has led to.
      await page.evaluate("history.replaceState(null, '', '/')");
      await page.reload();
      assert.equal(await untilOrder(page, "held"), id);
    });

    it("loses nothing when the gateway is gone in the middle of a purchase and of a hold", async () => {
      const [buyer, holder] = await Promise.all([openShop(browser, shop.url), openShop(browser, shop.url)]);
      await hold(holder.page);
      const customer = newCustomer();
      await choose(buyer.page, "FLOOR", 1);
      await buyer.page.type("#customer", customer);
      await shop.killGateway();
      try {
        await buyer.page.click("#buy");
        await untilText(buyer.page, "#notice", /The ticket office does not answer\..*you buy once only/);
        await untilText(holder.page, "#connection", /Reconnecting/);
        await buyer.page.reload();
        await untilText(buyer.page, "#connection", /Reconnecting/);
      } finally {
        shop.replaceGateway();
      }
      await untilOrder(buyer.page, "held");
      await untilText(holder.page, "#connection", /^\s*$/, 30_000);
      await holder.page.click('[data-behaviour="in-time"]');
      await untilOrder(holder.page, "confirmed");
      assert.equal((await ordersOf(customer)).length, 1);
    });

    it("two tabs agree about the basket and the orders", async () => {
      const { page: first } = await openShop(browser, shop.url);
      const second = await first.browserContext().newPage();
      await second.goto(shop.url);
      await second.waitForSelector(".ticket");
      await first.bringToFront();
      await choose(first, "FLOOR", 2);
      await untilText(second, "#basket-lines", /2 × Floor/);
      await reserve(first);
      await untilOrder(first, "held");
      await untilText(second, "#orders-link", /My orders \(1\)/);
      await untilText(second, "#basket-empty", /Nothing yet/);
      await second.goto(first.url());
      await untilOrder(second, "held");
      await first.bringToFront();
      await first.click('[data-behaviour="in-time"]');
      await Promise.all([untilOrder(first, "confirmed"), untilOrder(second, "confirmed")]);
      await untilText(first, "#receipt", /paid/);
      await first.click("#give-back-summary");
      await first.click("#give-back-form button");
      await Promise.all([untilOrder(first, "cancelled"), untilOrder(second, "cancelled")]);
    });

    it("gives tickets back also while the answer to their payment is still on its way", async () => {
      const { page } = await openShop(browser, shop.url);
      await hold(page);
      const session = await page.createCDPSession();
      const answers: string[] = [];
      session.on("Fetch.requestPaused", ({ requestId, request }) => {
        if (request.method === "POST") answers.push(requestId);
        else void session.send("Fetch.continueRequest", { requestId });
      });
      await session.send("Fetch.enable", { patterns: [{ urlPattern: "*/payment", requestStage: "Response" }] });
      await page.click('[data-behaviour="in-time"]');
      await untilTrue("the answer is held back", () => answers.length === 1);
      await untilOrder(page, "confirmed");
      await untilText(page, "#receipt", /paid/);
      await page.click("#give-back-summary");
      await page.click("#give-back-form button");
      await untilOrder(page, "cancelled");
    });

    it("can be used with the keyboard alone", async () => {
      const { page } = await openShop(browser, shop.url);
      const tabTo = async (selector: string) => {
        for (let presses = 0; presses < 60; presses++) {
          await page.keyboard.press("Tab");
          if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
        }
        assert.fail(`Tab does not reach ${selector}`);
      };
      await tabTo('[data-type="FLOOR"] [data-part="more"]');
      await page.keyboard.press("Enter");
      await page.keyboard.press("Space");
      await tabTo("#customer");
      await page.keyboard.type(newCustomer());
      await page.keyboard.press("Enter");
      await untilOrder(page, "held");
      await untilText(page, "#order-lines", /2 × Floor/);
      await tabTo('[data-behaviour="in-time"]');
      await page.keyboard.press("Enter");
      await untilOrder(page, "confirmed");
    });

    it("shows hidden ticket types to who has the access code", async () => {
      const { page } = await openShop(browser, shop.url);
      const apply = async (code: string) => {
        await page.$eval("#code-input", (input) => {
          if ("value" in input) input.value = "";
        });
        await page.type("#code-input", code);
        await page.click("#code-form button");
      };
      await apply("WRONG-CODE");
      await untilText(page, "#code-message", /This access code is not known\./);
      assert.equal(await page.$('[data-type="FANCLUB"]'), null);
      await apply(fanCode);
      await page.waitForSelector('[data-type="FANCLUB"]');
      await hold(page, "FANCLUB");
      await page.goto(`${shop.url}/#/`);
      await page.reload();
      await page.waitForSelector('[data-type="FANCLUB"]');
    });

    it("counts down to the opening, and says when the sale is paused; a refusal says what to do next", async () => {
      const { page } = await openShop(browser, shop.url);
      await choose(page, "FLOOR", 1);
      await change({ salesStart: new Date(Date.now() + 3_600_000).toISOString() });
      await untilText(page, "#sale-state", /Soon on sale/);
      await untilText(page, "#countdown", /(59:\d\d|1:00:00)/);
      await assertAllAccessible(page);
      assert.equal(await page.$eval("#buy", (button) => button.hasAttribute("disabled")), true);
      await change({ salesStart: null, paused: true });
      await untilText(page, "#buy", /The sale is paused/);
      await change({ paused: false });
      await untilText(page, "#buy", /Reserve tickets/);

      const customer = newCustomer();
      await shop.installation.api.purchase({
        eventCode: shopEvent,
        ticketType: "FLOOR",
        quantity: 6,
        customerRef: customer,
        waitSeconds: 10,
      });
      await choose(page, "FLOOR", 2);
      await reserve(page, customer);
      await untilText(page, "#notice", /more tickets than one person may have\.Choose fewer/);
      await assertAllAccessible(page);
      assert.equal((await ordersOf(customer)).filter(({ status }) => status !== "REJECTED").length, 1);
    });

    it("shows nothing of an order to another browser", async () => {
      const [{ page: owner }, { page: other }] = await Promise.all([
        openShop(browser, shop.url),
        openShop(browser, shop.url),
      ]);
      await hold(owner);
      await other.goto(owner.url());
      await untilOrder(other, "missing");
      await untilText(other, "#order-view", /This browser has no such order/);
      assert.equal(await other.$eval("#order-tickets", (part) => part.checkVisibility()), false);
      await assertAllAccessible(other);
    });

    it("opens one stream of the sale for all browsers", async () => {
      await Promise.all([1, 2, 3].map(() => openShop(browser, shop.url)));
      const streamCount = () => createApi(shop.gateway().url).metric('wait_slots_taken{kind="stream"}');
      await untilTrue("the streams of earlier pages have ended", async () => (await streamCount()) === 1);
      await shop.installation.api.assertSound(shopEvent);
    });

    // The last one, because it ends the worker.
    it("shows the place in the line while an order is pending, also after a reload", async () => {
      const [{ page: first }, { page: second }] = await Promise.all([
        openShop(browser, shop.url),
        openShop(browser, shop.url),
      ]);
      await Promise.all(shop.installation.workers.map((worker) => worker.kill()));
      for (const page of [first, second]) {
        await choose(page, "BALCONY", 1);
        await reserve(page);
        await untilOrder(page, "pending");
      }
      await untilText(first, "#place", /You are next/);
      await untilText(second, "#place", /1 order before you/);
      await assertAllAccessible(second);
      await second.reload();
      await untilText(second, "#place", /1 order before you/);
      await startWorker(shop.installation.environment);
      await Promise.all([untilOrder(first, "held"), untilOrder(second, "held")]);
    });
  },
  withoutBrowser,
);
