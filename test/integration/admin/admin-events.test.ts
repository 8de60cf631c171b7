// Events in the console over HTTP: what people see and change.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type {
  CancellationProgress,
  CodePage,
  CreatedCodes,
  EventRules,
  WaitingHead,
} from "@onsale/admin/console/messages/event-messages";
import type { Db } from "@onsale/database/client";
import { findAccessCodes } from "@onsale/database/statements/rules/access-codes";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { hashAccessCode } from "@onsale/security/access-code";
import { type AdminClient, logIn, startAdminService } from "../../support/browser/admin.ts";
import { createEventAdmin, type EventAdmin, send } from "../../support/browser/event-admin.ts";
import { finishCancelling } from "../../support/database/cancellation.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent } from "../../support/database/factories.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";

const customerKey = Buffer.alloc(32, 7);

describe("events in the console", () => {
  let databaseUrl: string;
  let db: Db;
  let admin: AdminClient;
  let events: EventAdmin;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const environment = { DATABASE_URL: databaseUrl, CUSTOMER_KEY: customerKey.toString("base64") };
    admin = await logIn((await startAdminService(environment)).url);
    events = createEventAdmin(admin);
  });

  /** Two ticket types that share a hall with room for six. */
  async function createHall(): Promise<TestEvent> {
    const event = await createTestEvent(db, { ADULT: 10, CHILD: 10 });
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    const ticketTypes = ["ADULT", "CHILD"].map((ticketType) => ({ ticketType, pools: ["HALL"] }));
    await db
      .transaction()
      .execute((tx) => changeRules(tx, owner, { pools: [{ name: "HALL", total: 6 }], ticketTypes }));
    return event;
  }

  it("have a sale that is paused, resumed, closed and opened", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    for (const [action, state, words] of [
      ["pause", "paused", /^The sale is paused/],
      ["resume", "open", /^The pause has ended/],
      ["close", "closed", /^The sale is closed/],
      ["open", "open", /^The sale is open/],
    ] as const) {
      const [status, message] = await events.change(event, "sale", { action });
      assert.equal(status, 200, message);
      assert.match(message, words);
      assert.equal((await events.read(event.id)).saleState, state);
    }
    const done = await events.activities(event);
    assert.deepEqual(done.slice(2), ["console admin: paused true → false", "console admin: paused false → true"]);
    assert.match(done[1] ?? "", /^console admin: salesEnd none → 20/);
    assert.match(done[0] ?? "", /^console admin: salesEnd 20.* → none$/);
  });

  it("have times of sale, and open before these when somebody opens them", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const window = { salesStart: "2030-01-01T09:00:00.000Z", salesEnd: "2030-02-01T09:00:00.000Z" };
    assert.equal((await events.change(event, "window", window))[0], 200);
    const { saleState, opensAt, closesAt } = await events.read(event.id);
    assert.deepEqual([saleState, opensAt, closesAt], ["scheduled", window.salesStart, window.salesEnd]);
    const contradiction = { salesStart: window.salesEnd, salesEnd: window.salesStart };
    const words = "The end of the sale must be after its beginning.";
    assert.deepEqual(await events.change(event, "window", contradiction), [400, words]);
    assert.deepEqual(await events.change(event, "sale", { action: "close" }), [400, words]);
    assert.equal((await events.change(event, "sale", { action: "open" }))[0], 200);
    const opened = await events.read(event.id);
    assert.deepEqual([opened.saleState, opened.closesAt], ["open", window.salesEnd]);
    await events.change(event, "window", { salesStart: null, salesEnd: null });
    assert.equal((await events.read(event.id)).opensAt, null);
  });

  it("show pools, which of them limits a type, hidden types, and get other totals", async () => {
    const event = await createHall();
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    const ticketTypes = [{ ticketType: "CHILD", isHidden: true }];
    await db.transaction().execute((tx) => changeRules(tx, owner, { ticketTypes }));
    await placeOrders(db, event, [{ ticketType: "ADULT", quantity: 4, terms: { ruled: true } }]);
    await decideAll(db, event.id);
    const { pools, inventory } = await events.read(event.id);
    assert.deepEqual(pools, [{ name: "HALL", total: 6, available: 2 }]);
    assert.deepEqual(
      inventory.map((line) => [line.ticketType, line.available, line.limitedBy, line.pools, line.isHidden]),
      [
        ["ADULT", 2, "HALL", ["HALL"], undefined],
        ["CHILD", 2, "HALL", ["HALL"], true],
      ],
    );
    const refused = "4 tickets of the pool are sold or held, so its total cannot be 3.";
    assert.deepEqual(await events.change(event, "pools/HALL", { total: 3 }), [409, refused]);
    assert.deepEqual(await events.change(event, "pools/HALL", { total: 8 }), [200, "The pool HALL has 8 tickets now."]);
    assert.deepEqual(await events.change(event, "ticket-types/CHILD", { total: 3 }), [200, "CHILD has 3 tickets now."]);
    const below = "4 tickets are sold or held, so the total cannot be 2.";
    assert.deepEqual(await events.change(event, "ticket-types/ADULT", { total: 2 }), [409, below]);
    assert.deepEqual(
      (await events.read(event.id)).inventory.map(({ available }) => available),
      [4, 3],
    );
    assert.deepEqual(await events.activities(event), [
      "console admin: CHILD: total 10 → 3",
      "console admin: pool HALL 6 → 8",
    ]);
    await assertSound(db, event);
  });

  it("get other limits, prices and ticket types, and say who did it", async () => {
    const event = await createHall();
    const rulesOf = (): Promise<EventRules> => admin.get(`/api/events/${event.id}/rules`);
    assert.deepEqual(await rulesOf(), {
      maxPerOrder: null,
      maxPerCustomer: null,
      offerSeconds: 600,
      waitlistPolicy: "skip",
      canLimitCustomers: true,
      prices: {},
    });
    const rules = { maxPerOrder: 4, maxPerCustomer: 6, offerSeconds: 90, waitlistPolicy: "strict" };
    assert.equal((await events.change(event, "rules", rules))[0], 200);
    assert.equal((await events.change(event, "rules", { maxPerCustomer: null }))[0], 200);
    const price = { amount: 1_250, currency: "EUR" };
    assert.deepEqual(await events.change(event, "ticket-types/ADULT", { total: 11, price }), [
      200,
      "ADULT has 11 tickets now.",
    ]);
    assert.equal((await events.change(event, "ticket-types/ADULT", { total: 12 }))[0], 200);
    const added = { ticketType: "BABY", total: 3, pools: ["HALL"], price: { amount: 0, currency: "EUR" } };
    assert.deepEqual(await events.change(event, "ticket-types", added), [200, "BABY has 3 tickets now."]);
    assert.deepEqual(await events.change(event, "ticket-types", added), [
      409,
      "The event has the ticket type BABY already; change its total instead.",
    ]);

    const changed = { ...rules, maxPerCustomer: null, canLimitCustomers: true };
    const prices = { ADULT: price, BABY: { amount: 0, currency: "EUR" } };
    assert.deepEqual(await rulesOf(), { ...changed, prices });
    assert.equal((await events.change(event, "ticket-types/ADULT", { total: 12, price: null }))[0], 200);
    assert.deepEqual(Object.keys((await rulesOf()).prices), ["BABY"]);
    const { inventory } = await events.read(event.id);
    assert.deepEqual(
      inventory.map(({ ticketType, total, pools }) => [ticketType, total, pools]),
      [
        ["ADULT", 12, ["HALL"]],
        ["BABY", 3, ["HALL"]],
        ["CHILD", 10, ["HALL"]],
      ],
    );
    const done = await events.activities(event);
    assert(
      done.every((text) => text.startsWith("console admin: ")),
      done.join("\n"),
    );
    assert.match(done.at(-1) ?? "", /maxPerOrder none → 4/);
    await assertSound(db, event);
  });

  it("have stock that moves from one type to another, with a reason", async () => {
    const event = await createTestEvent(db, { STANDARD: 10, VIP: 1 });
    const move = { from: "STANDARD", to: "VIP", quantity: 4, reason: "Row 7" };
    assert.deepEqual(await events.change(event, "moves", move), [200, "4 tickets are moved from STANDARD to VIP."]);
    const tooMany = "Only 6 tickets of STANDARD are neither sold nor held.";
    assert.deepEqual(await events.change(event, "moves", { ...move, quantity: 7 }), [409, tooMany]);
    assert.deepEqual(
      (await events.read(event.id)).inventory.map(({ total }) => total),
      [6, 5],
    );
    assert.deepEqual(await events.activities(event), ["console admin: 4 tickets moved from STANDARD to VIP: Row 7"]);
    await assertSound(db, event);
  });

  it("have access codes, which are shown once, listed and revoked", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const path = `/api/events/${event.id}/access-codes`;
    const wish = { count: 2, ticketTypes: ["STANDARD"], maxUses: 1, maxPerOrder: 6 };
    const made: CreatedCodes & { status: number } = await send(admin, path, wish);
    assert.equal(made.status, 200, made.message);
    assert.equal(new Set(made.codes).size, 2);
    const digests = made.codes.map((code) => hashAccessCode(customerKey, code.toLowerCase()));
    const found = await findAccessCodes(
      db,
      digests.map((digest) => ({ eventId: event.id, digest })),
    );
    assert.equal(found.length, 2, "gateways find the codes");
    const own = { code: "FANCLUB", ticketTypes: ["STANDARD"], maxUses: 100 };
    assert.equal((await send(admin, path, own)).status, 200);
    const twice = await send(admin, path, own);
    assert.deepEqual([twice.status, twice.message], [409, "The event has this access code already."]);

    const page: CodePage = await admin.get(path);
    assert.deepEqual(
      page.codes.map(({ hint, maxUses, used }) => [hint, maxUses, used]),
      [[null, 100, 0], ...made.codes.toReversed().map((code) => [code.slice(-4), 1, 0])],
    );
    assert.equal(page.canCreate, true);
    const newest = page.codes[0]?.id;
    const [status, message] = await events.change(event, `access-codes/${newest}/revoke`, {});
    assert.deepEqual([status, message.startsWith(`The code number ${newest} is revoked`)], [200, true]);
    const after: CodePage = await admin.get(path);
    assert.deepEqual(
      after.codes.map(({ revokedAt }) => revokedAt !== null),
      [true, false, false],
    );
    assert.equal((await events.activities(event)).length, 3);
  });

  it("show who waits, the first in line first; leaving the list is a cancellation", async () => {
    const event = await createHall();
    const waits = { ticketType: "ADULT", terms: { ruled: true, waitlist: true } } as const;
    const placed = await placeOrders(db, event, [{ ...waits, quantity: 6 }, { ...waits, quantity: 2 }, waits]);
    await decideAll(db, event.id);
    const line = async () => (await events.read(event.id)).inventory.map(({ waiting }) => waiting);
    const head = (): Promise<WaitingHead> => admin.get(`/api/events/${event.id}/waiting`);
    const { orders, hasMore } = await head();
    assert.deepEqual(
      orders.map(({ id, tickets }) => [id, tickets]),
      [
        [placed[1]?.id, "2 ADULT"],
        [placed[2]?.id, "1 ADULT"],
      ],
    );
    assert(!hasMore && orders.every(({ ageSeconds }) => ageSeconds >= 0 && ageSeconds < 60));
    assert.deepEqual(await line(), [2, undefined]);
    const cancelled = await send(admin, `/api/orders/${orders[0]?.id}/cancel`, { version: 2, reason: "tired" });
    assert.deepEqual([cancelled.status, cancelled.message], [200, "The order has left the waiting list."]);
    assert.deepEqual(
      (await head()).orders.map(({ id }) => id),
      [placed[2]?.id],
    );
  });

  it("are cancelled by who names the code, with progress", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    await placeOrders(db, event, [{}, {}]);
    await decideAll(db, event.id);
    const progress = (): Promise<CancellationProgress> => admin.get(`/api/events/${event.id}/cancellation`);
    assert.deepEqual(await events.change(event, "cancel", { reason: "rain", code: "another" }), [
      400,
      `Type the event's code, ${event.code}, to cancel it.`,
    ]);
    assert.equal((await progress()).progress, null);
    const words = "The event is cancelled; its orders are being cancelled.";
    assert.deepEqual(await events.change(event, "cancel", { reason: "rain", code: event.code }), [200, words]);
    assert.equal((await events.read(event.id)).saleState, "cancelled");
    await finishCancelling(db, event);
    const done = (await progress()).progress;
    assert.deepEqual([done?.reason, done?.total, done?.cancelled, done?.finishedAt != null], ["rain", 2, 2, true]);
    assert.deepEqual(await events.activities(event), ["console admin: event cancelled: rain"]);
    const over = "The event is cancelled, so its sale stays as it is.";
    assert.deepEqual(await events.change(event, "sale", { action: "resume" }), [409, over]);
    assert.deepEqual(await events.change(event, "ticket-types/STANDARD", { total: 20 }), [409, over]);
    const again = await events.change(event, "cancel", { reason: "rain", code: event.code });
    assert.deepEqual(again, [200, "The event was cancelled before."]);
  });
});
