// What the page of one event shows of its course: its sale from the beginning, why orders were rejected, its audit and
// its webhooks.
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
import { type Service, startNotifier } from "../../support/services/services.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { createWebhook, webhookSettings } from "../../support/webhooks/webhooks.ts";

describe("the course of an event in the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  let readOnlyService: Service;
  let browser: Browser;
  let db: Db;

  before(async () => {
    const starting = startInstallation(postgresQueues, { settings: webhookSettings() });
    [installation, browser] = await Promise.all([starting, startBrowser()]);
    const { environment } = installation;
    [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
      startNotifier(environment),
    ]);
    db = connect(installation.databaseUrl);
  });

  async function idOf(code: string): Promise<number> {
    const { id } = await db.selectFrom("events").where("code", "=", code).select("id").executeTakeFirstOrThrow();
    return id;
  }

  const open = async (code: string, { url } = service) => openConsole(browser, url, `#/events/${await idOf(code)}`);

  /** Buys, and returns the order's id. */
  async function buy(eventCode: string, ticketType: string, quantity: number): Promise<string> {
    const { body } = await installation.api.purchase({ eventCode, ticketType, quantity, waitSeconds: 10 });
    return body.id;
  }

  const chart = '.history [role="slider"]';
  const legend = (page: Page) => readText(page, ".history .legend");

  it("shows the sale from its beginning, also after a reload, by ticket type and pool", async () => {
    const code = `COURSE-${Date.now()}`;
    const { api } = installation;
    const created = await api.post("/api/v1/events", {
      code,
      name: "A show",
      startTime: "2030-06-01T19:00:00Z",
      endTime: "2030-06-01T22:00:00Z",
      pools: [{ name: "HALL", total: 50 }],
      ticketTypes: [
        { ticketType: "ADULT", total: 40, pools: ["HALL"] },
        { ticketType: "CHILD", total: 40, pools: ["HALL"] },
        { ticketType: "PARKING", total: 5 },
      ],
    });
    assert.equal(created.status, 201);
    const first = await buy(code, "ADULT", 8);
    await buy(code, "CHILD", 3);
    await buy(code, "PARKING", 2);
    await api.post(`/api/v1/orders/${first}/cancel`, { items: [{ ticketType: "ADULT", quantity: 1 }] });

    const { page, faults } = await open(code);
    await untilText(page, ".history .legend", /sold 12.*of 55/);
    const { rows } = await sql<{ at: Date }>`
      SELECT min(decided_at) AS at FROM orders WHERE event_id = ${await idOf(code)}`.execute(db);
    const firstDecision = rows[0]?.at;
    assert(firstDecision !== undefined);
    await page.focus(chart);
    await page.keyboard.press("Home");
    await untilText(page, ".history .range", new RegExp(firstDecision.toTimeString().slice(0, 8)));
    assert.match(await legend(page), /sold 0/);

    await page.reload();
    await untilText(page, ".history .legend", /sold 12.*of 55/);
    for (const [key, words] of [
      ["type CHILD", /sold 3.*of 40/],
      ["pool HALL", /sold 10.*of 50/],
      ["all", /sold 12.*of 55/],
    ] as const) {
      await page.select(".history select", key);
      await untilText(page, ".history .legend", words);
    }
    await buy(code, "CHILD", 4);
    await untilText(page, ".history .legend", /sold 16.*of 55/);
    await untilText(page, ".tile", /Sold16 of 5529\.0\s% sold, 39 left.*Pace.*peak [\d.]+\/s/);
    assert.deepEqual(faults, []);
  });

  it("says before the first order that there is none, and afterwards why orders were rejected, with shares", async () => {
    const code = await installation.api.createEvent({ STANDARD: 3 });
    const { page } = await open(code);
    await untilText(page, ".history", /Nothing was sold or refused yet\./);
    await untilText(page, ".panel", /No order was rejected\./);
    await untilText(page, ".webhooks", /Nobody is told about this event's orders; POST \/api\/v1\/webhooks/);
    await page.evaluate(axe.source);
    await assertAccessible(page);

    for (const quantity of [2, 5, 1]) await buy(code, "STANDARD", quantity);
    for (let count = 0; count < 5; count++) await buy(code, "STANDARD", 1);
    const shares = /The ticket type is sold out ?5 ?62\.5\s% ?Fewer tickets are left than were asked for ?1 ?12\.5\s%/;
    await untilText(page, ".panel", shares);
    await untilText(page, ".panel", /6 of 8 decided orders: 75\.0\s%/);
    await untilText(page, ".tile", /Sold3 of 3sold out/);
    await assertAccessible(page);
  });

  it("has an audit badge: not yet run, sound, and broken with what is wrong", async () => {
    const { api } = installation;
    const code = await api.createEvent({ STANDARD: 10 });
    await buy(code, "STANDARD", 2);
    const { page, faults } = await open(code);
    await untilText(page, ".audit", /Audit ?not yet run/);
    await page.click(".audit button");
    await untilText(page, ".audit", /sound.*1 order: nothing oversold, nothing lost/);

    await sql`UPDATE inventory SET allocated = 7 WHERE event_id = ${await idOf(code)}`.execute(db);
    await page.click(".audit button");
    await untilText(page, ".audit", /broken.*Stop the sale.*Not so: .*STANDARD: 7 allocated, 2 in orders/);
    await page.evaluate(axe.source);
    await assertAccessible(page);

    // The audits of the API are shown, too.
    await sql`UPDATE inventory SET allocated = 2 WHERE event_id = ${await idOf(code)}`.execute(db);
    await api.audit(code);
    await untilText(page, ".audit", /sound/);
    assert.deepEqual(faults, []);
    const { page: readOnly } = await open(code, readOnlyService);
    await untilText(readOnly, ".audit", /sound/);
    assert.equal(await readOnly.$(".audit button"), null);
  });

  it("counts the webhook endpoints of the event, and says when one fails", async () => {
    const { api } = installation;
    const [code, other] = [await api.createEvent({ STANDARD: 5 }), await api.createEvent({ STANDARD: 5 })];
    const receiver = await startReceiver();
    await createWebhook(api, receiver.url, code);
    await createWebhook(api, receiver.url, other);
    const { page } = await open(code);
    await untilText(page, ".webhooks", /Webhooks ?ok.*1 enabled, 0 failing, 0 disabled\. 0 deliveries/);
    await sql`
      UPDATE webhook_endpoints SET failing_since = now() WHERE event_id = ${await idOf(code)}`.execute(db);
    await untilText(page, ".webhooks", /1 failing.*1 enabled, 1 failing/);
  });
});
