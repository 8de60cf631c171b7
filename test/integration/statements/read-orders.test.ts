import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { orderStatuses } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import {
  countOrders,
  listOrders,
  type OrderFilter,
  type OrderPageStart,
} from "@onsale/database/statements/orders/list-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import fc from "fast-check";
import { sql } from "kysely";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createAccount,
  createTestEvent,
  defaultAccountId,
  newOrderId,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { countBuffers } from "../../support/database/statements.ts";

describe("reading orders", () => {
  let db: Db;
  let events: readonly [TestEvent, TestEvent];
  let otherEvent: TestEvent;
  /** The default account's orders in arrival order. */
  let all: OrderRow[];

  before(async () => {
    db = connect(await createTestDatabase());
    events = [await createTestEvent(db, { STANDARD: 9 }), await createTestEvent(db, { STANDARD: 5 })];
    otherEvent = await createTestEvent(db, { STANDARD: 9 }, await createAccount(db));
    const placed: string[] = [];
    // First decided orders, then pending ones, in turns for both events.
    for (const isDecided of [true, false]) {
      for (let round = 0; round < 6; round++) {
        for (const event of events) placed.push(...(await placeOrders(db, event, times(3, {}))).map(({ id }) => id));
        await placeOrders(db, otherEvent, times(2, {}));
      }
      if (isDecided) for (const event of [...events, otherEvent]) await decideAll(db, event.id);
    }
    const byId = new Map((await getOrders(db, placed)).map((order) => [order.id, order]));
    all = placed.flatMap((id) => byId.get(id) ?? []);
    assert.equal(all.length, 72);
  });

  const matching = ({ eventId, status }: OrderFilter) =>
    all
      .filter((order) => eventId === undefined || order.eventId === eventId)
      .filter((order) => status === undefined || order.status === status)
      .toReversed();

  /** Scans of the table of events so far; these counts are not reset within a transaction. */
  async function countEventScans(tx: Db): Promise<number> {
    const { rows } = await sql<{ scans: number }>`
      SELECT (seq_scan + coalesce(idx_scan, 0))::int AS scans
      FROM pg_stat_xact_user_tables WHERE relname = 'events'`.execute(tx);
    return rows[0]?.scans ?? 0;
  }

  it("a deep page looks up events for its own orders only, and once to begin with", async () => {
    for (const eventId of [undefined, events[0].id]) {
      const filter = { accountId: defaultAccountId, eventId };
      const lookups = await db.transaction().execute(async (tx) => {
        const scansBefore = await countEventScans(tx);
        const page = await listOrders(tx, filter, { offset: 30 }, 5);
        assert.deepEqual(page, matching(filter).slice(30, 35));
        return (await countEventScans(tx)) - scansBefore;
      });
      assert.equal(lookups, 1 + 5);
    }
  });

  it("a count reads no more orders of an account with many events than the most that it counts", async () => {
    const accountId = await createAccount(db);
    for (let number = 0; number < 10; number++) {
      const { code } = await createTestEvent(db, { STANDARD: 1 }, accountId);
      await placePendingOrders(db, code, 2_000);
    }
    await sql`VACUUM ANALYZE orders`.execute(db);
    const pagesOf = await countBuffers(db);
    const all = await pagesOf(() => countOrders(db, { accountId }));
    const { rows } = await sql<{ pages: number }>`
      SELECT relpages AS pages FROM pg_class WHERE relname = 'orders_by_event'`.execute(db);
    // Half of the index has the 10,001 orders that are counted: 59 of 79 pages, and 105 when all are read and sorted.
    assert(all < (rows[0]?.pages ?? 0), `${all} of ${rows[0]?.pages} pages`);
  });

  const anyFilter = () =>
    fc.record({
      accountId: fc.constant(defaultAccountId),
      eventId: fc.constantFrom(undefined, events[0].id, events[1].id, otherEvent.id, 999_999),
      status: fc.constantFrom(undefined, ...orderStatuses),
    });

  it("all pages by cursor together have every matching order once, the newest first", async () => {
    await fc.assert(
      fc.asyncProperty(anyFilter(), fc.integer({ min: 1, max: 30 }), async (filter, size) => {
        const collected: OrderRow[] = [];
        for (let start: OrderPageStart = { offset: 0 }; ; ) {
          const page: OrderRow[] = await listOrders(db, filter, start, size);
          const last = page.at(-1);
          if (last === undefined) break;
          collected.push(...page);
          assert(page.length <= size && collected.length <= all.length);
          start = { afterSeq: last.seq };
        }
        assert.deepEqual(collected, matching(filter));
      }),
      { numRuns: 40 },
    );
  });

  it("a page by offset is that part of the list, and the count is the length of the list", async () => {
    const bounds = fc.record({ offset: fc.nat(90), size: fc.integer({ min: 1, max: 100 }) });
    await fc.assert(
      fc.asyncProperty(anyFilter(), bounds, async (filter, { offset, size }) => {
        const expected = matching(filter);
        assert.deepEqual(await listOrders(db, filter, { offset }, size), expected.slice(offset, offset + size));
        assert.equal(await countOrders(db, filter), expected.length);
      }),
      { numRuns: 40 },
    );
  });

  it("an account's list has none of another account's orders", async () => {
    const theirs = { accountId: otherEvent.accountId };
    const listed = await listOrders(db, theirs, { offset: 0 }, 100);
    assert.deepEqual([listed.length, await countOrders(db, theirs)], [24, 24]);
    assert(listed.every((order) => order.eventCode === otherEvent.code));
    assert.deepEqual(await listOrders(db, { ...theirs, eventId: events[0].id }, { offset: 0 }, 100), []);
  });

  it("orders that arrive between two pages by cursor neither shift nor repeat the next page", async () => {
    const event = await createTestEvent(db, { STANDARD: 9 }, otherEvent.accountId);
    const before = (await placeOrders(db, event, times(10, {}))).map((order) => order.id).toReversed();
    const filter = { accountId: event.accountId, eventId: event.id };
    const first = await listOrders(db, filter, { offset: 0 }, 4);
    await placeOrders(db, event, times(3, {}));
    const last = first.at(-1);
    assert(last !== undefined);
    const rest = await listOrders(db, filter, { afterSeq: last.seq }, 100);
    assert.deepEqual(
      [...first, ...rest].map((order) => order.id),
      before,
    );
  });

  it("many orders are read by their ids with one statement; ids that do not exist are missing", async () => {
    const wanted = [all[3], all[40]].flatMap((order) => order ?? []);
    const [foreign] = await listOrders(db, { accountId: otherEvent.accountId }, { offset: 0 }, 1);
    assert(foreign !== undefined);
    const found = await getOrders(db, [...wanted, foreign].map((order) => order.id).concat(newOrderId()));
    const byId = (a: OrderRow, b: OrderRow) => a.id.localeCompare(b.id);
    assert.deepEqual(found.toSorted(byId), [...wanted, foreign].toSorted(byId));
    assert.deepEqual(await getOrders(db, []), []);
  });
});
