import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { catalogueChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { createEvent, type EventToCreate } from "@onsale/database/statements/events/create-event";
import { findCatalogue } from "@onsale/database/statements/events/find-catalogue";
import { countEvents, type EventPageStart, getEvent, listEvents } from "@onsale/database/statements/events/get-events";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { alwaysOpen } from "@onsale/domain/sale-window";
import { createCatalogue } from "@onsale/gateway/catalogue/catalogue";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, defaultAccountId, times } from "../../support/database/factories.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { countStatements } from "../../support/database/statements.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { untilTrue } from "../../support/until.ts";

const rock: EventToCreate = {
  code: "ROCK",
  name: "Rock \u{1f3b8} Festival",
  startTime: new Date("2030-06-01T19:00:00.123Z"),
  endTime: new Date("2030-06-01T22:00:00Z"),
  ticketTypes: [
    { ticketType: "VIP", total: 10 },
    { ticketType: "STANDARD", total: 1_000_000_000 },
  ],
};
const stockOf = (ticketType: string, total: number) => ({ ticketType, total, sold: 0, held: 0, available: total });

describe("events", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  const readTotals = async (eventId: number) => {
    const { rows } = await sql<{ ticketType: string; total: number; afterSeq: number }>`
      SELECT ticket_type AS "ticketType", total, after_seq AS "afterSeq" FROM inventory_totals
      WHERE event_id = ${eventId} ORDER BY ticket_type`.execute(db);
    return rows;
  };

  it("a new event can be read with its ticket types and its stock", async () => {
    const accountId = await createAccount(db);
    assert.equal(await createEvent(db, accountId, rock), true);
    const event = await getEvent(db, accountId, "ROCK");
    assert(event !== undefined);
    const { id, createdAt, ...rest } = event;
    const byType = rock.ticketTypes.toReversed();
    const window = { saleState: "open", salesStart: null, salesEnd: null };
    const limits = { maxPerOrder: null, maxPerCustomer: null, pools: [] };
    const waiting = { offerSeconds: 600, waitlistPolicy: "skip" };
    assert.deepEqual(rest, { ...rock, ...window, ...limits, ...waiting, ticketTypes: byType });
    assert(createdAt instanceof Date && Number.isInteger(id));
    assert.deepEqual(await getInventory(db, id), [stockOf("STANDARD", 1_000_000_000), stockOf("VIP", 10)]);
    assert.deepEqual(
      await readTotals(id),
      byType.map((type) => ({ ...type, afterSeq: 0 })),
    );
  });

  it("a creation with a code that the account has already changes nothing", async () => {
    const accountId = await createAccount(db);
    await createEvent(db, accountId, rock);
    const before = await getEvent(db, accountId, "ROCK");
    assert(before !== undefined);
    const again = { ...rock, name: "Another", ticketTypes: [{ ticketType: "STUDENT", total: 1 }] };
    assert.equal(await createEvent(db, accountId, again), false);
    assert.deepEqual(await getEvent(db, accountId, "ROCK"), before);
    assert.equal((await readTotals(before.id)).length, 2);
    assert.equal(await countEvents(db, accountId), 1);
  });

  it("of concurrent creations of the same event, one succeeds, with all of its stock", async () => {
    const accountId = await createAccount(db);
    const results = await Promise.all(
      times(8, null).map((_, n) =>
        createEvent(db, accountId, {
          ...rock,
          name: `Rock ${n}`,
          ticketTypes: [{ ticketType: `TYPE-${n}`, total: n }],
        }),
      ),
    );
    assert.equal(results.filter((isCreated) => isCreated).length, 1);
    const winner = results.indexOf(true);
    const event = await getEvent(db, accountId, "ROCK");
    assert(event !== undefined);
    assert.deepEqual(
      [event.name, event.ticketTypes],
      [`Rock ${winner}`, [{ ticketType: `TYPE-${winner}`, total: winner }]],
    );
    assert.deepEqual(await getInventory(db, event.id), [stockOf(`TYPE-${winner}`, winner)]);
  });

  it("an event may be created without ticket types", async () => {
    const event = await createTestEvent(db, {});
    assert.deepEqual((await getEvent(db, event.accountId, event.code))?.ticketTypes, []);
    assert.deepEqual(await getInventory(db, event.id), []);
  });

  it("stores nothing of an event whose stock cannot be stored", async () => {
    const accountId = await createAccount(db);
    const twice = [
      { ticketType: "VIP", total: 1 },
      { ticketType: "VIP", total: 2 },
    ];
    await assert.rejects(createEvent(db, accountId, { ...rock, ticketTypes: twice }), { code: "23505" });
    assert.equal(await getEvent(db, accountId, "ROCK"), undefined);
  });

  it("the same code of another account is another event", async () => {
    const ours = await createAccount(db);
    const theirs = await createAccount(db);
    assert.equal(await createEvent(db, ours, rock), true);
    assert.equal(await getEvent(db, theirs, "ROCK"), undefined);
    assert.equal(await createEvent(db, theirs, rock), true);
    const ids = [await getEvent(db, ours, "ROCK"), await getEvent(db, theirs, "ROCK")].map((event) => event?.id);
    assert.notEqual(ids[0], ids[1]);
  });

  it("a new event is announced once, an existing one is not", async () => {
    const readNotified = await recordNotifications(url, catalogueChannel);
    const accountId = await createAccount(db);
    await Promise.all(times(4, rock).map((event) => createEvent(db, accountId, event)));
    await createEvent(db, accountId, rock);
    assert.deepEqual(await readNotified(), [`${accountId}:ROCK`]);
  });

  it("an account's events are listed newest first, by offset and by the last event of the page before", async () => {
    const accountId = await createAccount(db);
    const codes: string[] = [];
    for (let n = 0; n < 7; n++) codes.unshift((await createTestEvent(db, { VIP: n }, accountId)).code);
    for (const other of [defaultAccountId, await createAccount(db)]) await createTestEvent(db, {}, other);
    assert.equal(await countEvents(db, accountId), 7);

    const list = (start: EventPageStart, count: number) => listEvents(db, accountId, start, count);
    const byOffset = [await list({ offset: 0 }, 3), await list({ offset: 3 }, 3), await list({ offset: 6 }, 3)];
    assert.deepEqual(
      byOffset.map((page) => page.map((event) => event.code)),
      [codes.slice(0, 3), codes.slice(3, 6), codes.slice(6)],
    );
    const lastSeen = byOffset[0]?.at(-1)?.id ?? 0;
    assert.deepEqual(await list({ afterId: lastSeen }, 3), byOffset[1]);
    assert.deepEqual(await list({ offset: 7 }, 3), []);
  });
});

describe("the catalogue", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  it("is read for many events at once, each of its account", async () => {
    const ours = await createAccount(db);
    const theirs = await createAccount(db);
    for (const accountId of [ours, theirs]) await createEvent(db, accountId, rock);
    const empty = await createTestEvent(db, {}, theirs);
    const found = await findCatalogue(db, [
      { accountId: ours, code: "ROCK" },
      { accountId: ours, code: empty.code },
      { accountId: theirs, code: empty.code },
      { accountId: theirs, code: "NOT-THERE" },
    ]);
    const read = found.map(({ accountId, code, ticketTypes }) => [
      accountId,
      code,
      ticketTypes.map(({ ticketType }) => ticketType).sort(),
    ]);
    assert.deepEqual(read.toSorted(), [
      [ours, "ROCK", ["STANDARD", "VIP"]],
      [theirs, empty.code, []],
    ]);
    assert.deepEqual(await findCatalogue(db, []), []);
  });

  it("needs at most three queries when buyers of 300 new events come together", async () => {
    const accountId = await createAccount(db);
    const codes = Array.from({ length: 300 }, (_, n) => `NEW-${n}`);
    await Promise.all(codes.map((code) => createEvent(db, accountId, { ...rock, code })));
    const catalogue = createCatalogue(db, () => true);
    const counted = await countStatements(db);
    const events = await Promise.all([...codes, ...codes, "NOT-THERE"].map((code) => catalogue.find(accountId, code)));
    assert.deepEqual(
      events.map((event) => event?.code),
      [...codes, ...codes, undefined],
    );
    const plain = { price: null, window: alwaysOpen, maxPerOrder: null, maxPerCustomer: null, isHidden: false };
    assert.deepEqual(
      events[0]?.ticketTypes,
      new Map([
        ["STANDARD", plain],
        ["VIP", plain],
      ]),
    );
    const { calls, rows } = await counted("AS requested (account_id, code)");
    assert(calls >= 1 && calls <= 3, `${calls} queries`);
    assert.equal(rows, codes.length);
  });

  it("answers with the known event while it is reloaded, however long that takes", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    // Without announcements, an event is reloaded after 500 ms.
    const catalogue = createCatalogue(connect(url), () => false);
    const find = () => catalogue.find(event.accountId, event.code);
    assert.equal((await find())?.id, event.id);
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE events IN ACCESS EXCLUSIVE MODE`.execute(tx);
    const isBlocked = untilBlocked(db);
    let isReading = true;
    void isBlocked.finally(() => {
      isReading = false;
    });
    await untilTrue("the event is reloaded", async () => {
      assert.equal((await find())?.id, event.id);
      return !isReading;
    });
    assert.equal((await find())?.id, event.id);
    await isBlocked;
    await rollback();
  });
});
