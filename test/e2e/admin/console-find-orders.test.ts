import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { searchOrders } from "@onsale/database/statements/orders/search-orders";
import axe from "axe-core";
import { sql } from "kysely";
import type { Browser, Page } from "puppeteer-core";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { startAdminService } from "../../support/browser/admin.ts";
import { openConsole, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, type PlacedOrder, placeOrders } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import type { Service } from "../../support/services/services.ts";

const text = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";

describe("orders that people look for", () => {
  let databaseUrl: string;
  let db: Db;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
  });

  it("are found by id, key, customer and payment, in all accounts, the newest first", async () => {
    const mine = await createTestEvent(db, { STANDARD: 9 });
    const theirs = await createTestEvent(db, { STANDARD: 9 }, await createAccount(db));
    const [byId, byCustomer] = await placeOrders(db, mine, [{ id: text }, { customerRef: text }]);
    const [byKey, paid] = await placeOrders(db, theirs, [{ idempotencyKey: text }, { customerRef: "another" }]);
    assert(byId !== undefined && byCustomer !== undefined && byKey !== undefined && paid !== undefined);
    await sql`
      INSERT INTO payments (account_id, event_id, order_id, reference, outcome, actor, decided_at)
      VALUES (${theirs.accountId}, ${theirs.id}, ${paid.id}::uuid, ${text}, 'confirmed', 'test', now())`.execute(db);
    const idsOf = async (search: string, countMax = 50) =>
      (await searchOrders(db, search, countMax)).map(({ id }) => id);
    assert.deepEqual(await idsOf(text), [paid.id, byKey.id, byCustomer.id, byId.id]);
    assert.deepEqual(await idsOf(text, 2), [paid.id, byKey.id]);
    assert.deepEqual(await idsOf(text.slice(1)), []);
    assert.deepEqual(await idsOf("'; DROP TABLE orders; --"), []);
  });

  describe("in the live console", { skip: withoutBrowser }, () => {
    let service: Service;
    let browser: Browser;

    before(async () => {
      [service, browser] = await Promise.all([startAdminService({ DATABASE_URL: databaseUrl }), startBrowser()]);
    });

    /** What lists show of an order's id. */
    const endOf = (order: PlacedOrder | undefined) => `…${order?.id.slice(-8)}`;

    async function search(page: Page, wanted: string): Promise<void> {
      await page.click(".found-orders input[type=search]", { count: 3 });
      await page.type(".found-orders input[type=search]", wanted);
    }

    it("are found with one search box, which the page's address keeps", async () => {
      const event = await createTestEvent(db, { STANDARD: 9 });
      const [first, second] = await placeOrders(db, event, [
        { customerRef: "customer=4711&x", idempotencyKey: "cart-8471" },
        { customerRef: "customer=4711&x", quantity: 3 },
      ]);
      await decideAll(db, event.id);
      const { page, faults } = await openConsole(browser, service.url);
      await page.waitForSelector("nav a[href='#/orders']");
      await page.click("nav a[href='#/orders']");
      await untilText(page, ".found-orders", /Type or paste exactly/);

      await search(page, "customer=4711&x");
      const inOrder = `3 STANDARD for customer=4711&x.*${event.code}.*${endOf(second)}.*1 STANDARD.*${endOf(first)}`;
      await untilText(page, ".found-orders tbody", new RegExp(inOrder));
      await page.evaluate(axe.source);
      await assertAccessible(page);
      await search(page, "cart-8471");
      await untilText(
        page,
        ".found-orders tbody",
        new RegExp(`^1 STANDARD for customer=4711&x ?confirmed.*${endOf(first)}`),
      );
      await search(page, "cart-847");
      await untilText(
        page,
        ".found-orders",
        /No order has “cart-847” as customer, key, payment or id\. Is it complete\?/,
      );

      await page.browserContext().overridePermissions(service.url, ["clipboard-read", "clipboard-sanitized-write"]);
      await search(page, "customer=4711&x");
      await untilText(page, ".found-orders tbody", /3 STANDARD/);
      await page.click(".found-orders tbody .copy button");
      await untilText(page, ".found-orders .copy", /Copied/);
      assert.equal(await page.evaluate("navigator.clipboard.readText()"), second?.id);

      await search(page, first?.id ?? "");
      await untilText(page, ".found-orders tbody", new RegExp(endOf(first)));
      await page.click(".found-orders tbody a");
      await untilText(page, ".facts", /confirmed.*customer=4711&x/);
      await page.goBack();
      await untilText(page, ".found-orders tbody", new RegExp(endOf(first)));

      await page.goto(`${service.url}/#/`);
      await page.waitForSelector(".events input[type=search]");
      await page.type(".events input[type=search]", "cart-8471");
      await untilText(page, ".events", /No event has “cart-8471”/);
      await page.click(".events a[href^='#/orders']");
      await untilText(page, ".found-orders tbody", new RegExp(endOf(first)));
      assert.deepEqual(faults, []);
    });
  });
});
