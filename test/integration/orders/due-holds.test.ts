// Holds that are due at the same time, and the workers that end them. Counts and order only, no times.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns, returnsCountMax } from "@onsale/database/statements/allocation/apply-returns";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import type { NewOrder } from "@onsale/database/statements/orders/insert-orders";
import { lockOrders } from "@onsale/database/statements/transitions/lock-orders";
import { bucketOf } from "@onsale/domain/bucket";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { createMetrics } from "@onsale/observability/metrics";
import { startReturns } from "@onsale/worker/returns";
import { createTurns } from "@onsale/worker/turns";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { untilTrue } from "../../support/until.ts";

const hold = { terms: { holdSeconds: 600 } } as const;
const basketLines = [
  { ticketType: "STANDARD", quantity: 1 },
  { ticketType: "VIP", quantity: 1 },
];
const basket = { ticketType: null, quantity: 2, terms: { lines: basketLines, holdSeconds: 600 } };

describe("tickets that come back", () => {
  let first: Db;
  let second: Db;

  before(async () => {
    const url = await createTestDatabase();
    first = connect(url);
    second = connect(url);
  });

  /** An event with this many held orders, the first of which is due first. */
  async function arrangeHeld(count: number, part: Partial<NewOrder> = hold) {
    const event = await createTestEvent(first, { STANDARD: count, VIP: count });
    const ids = (await placeOrders(first, event, times(count, part))).map(({ id }) => id);
    await decideAll(first, event.id);
    return { event, ids };
  }

  /** Lets all holds of the database be due now. */
  async function letExpire(): Promise<void> {
    const dueAt = sql`now() - interval '1 hour' + row_number * interval '1 millisecond'`;
    await sql`
      WITH numbered AS (SELECT id, row_number() OVER (ORDER BY seq) FROM orders WHERE status = 'HELD'),
           of_orders AS (UPDATE orders o SET expires_at = ${dueAt} FROM numbered n WHERE n.id = o.id)
      UPDATE holds h SET expires_at = ${dueAt} FROM numbered n WHERE n.id = h.order_id`.execute(first);
  }

  const availableOf = async ({ id }: TestEvent) => (await getInventory(first, id))[0]?.available;
  const holdCount = async () => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) FROM holds`.execute(first);
    return rows[0]?.count;
  };

  it("from due holds of several buckets are given back exactly once, whichever of two workers does it", async () => {
    const held = await Promise.all([900, 900, 700].map((count) => arrangeHeld(count)));
    await letExpire();
    const metrics = [createMetrics(), createMetrics()];
    for (const [index, own] of metrics.entries()) {
      const returns = startReturns([first, second][index] ?? first, createTurns(), own, (error) => assert.fail(error));
      atEnd(returns.close);
    }
    await untilTrue("no hold is left", async () => (await holdCount()) === 0, 30_000);
    for (const { event, ids } of held) {
      assert.equal(await availableOf(event), ids.length);
      await assertSound(first, event);
    }
    const { rows } = await sql<{ expiries: number; orders: number }>`
      SELECT count(*) AS expiries, count(DISTINCT order_id) AS orders FROM ledger WHERE cause = 'expiry'`.execute(
      first,
    );
    assert.deepEqual(rows, [{ expiries: 2_500, orders: 2_500 }]);
    await untilTrue("both workers together counted each of them once", async () => {
      const figures = await Promise.all(metrics.map((own) => own.figures(["orders_closed_total"])));
      const counts = figures.flatMap((own) => Object.values(own));
      return counts.reduce((sum, count) => sum + count, 0) === 2_500;
    });
  });

  it("from holds that a killed worker had begun to end are given back by another one", async () => {
    const { event, ids } = await arrangeHeld(3);
    await letExpire();
    const { tx } = await openTransaction(first);
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx);
    assert.equal((await applyReturns(tx, [bucketOf(event.id)])).expiredCount, ids.length);
    assert.equal((await applyReturns(second, [bucketOf(event.id)])).expiredCount, 0, "the other one has the turn");
    await sql`SELECT pg_terminate_backend(${rows[0]?.pid}::int)`.execute(second);
    await untilTrue("the holds are ended", async () => {
      return (await applyReturns(second, [bucketOf(event.id)])).expiredCount === ids.length;
    });
    assert.equal(await availableOf(event), ids.length);
    await assertSound(first, event);
  });

  it("from due holds come back in steps, the oldest first", async () => {
    const { event, ids } = await arrangeHeld(returnsCountMax + 3);
    await letExpire();
    const heldIds = async () => {
      const orders = await getOrders(first, ids);
      return orders.filter(({ status }) => status === "HELD").map(({ id }) => id);
    };
    assert.equal((await applyReturns(first, [bucketOf(event.id)])).expiredCount, returnsCountMax);
    assert.deepEqual((await heldIds()).sort(), ids.slice(-3).sort());
    assert.equal((await applyReturns(first, [bucketOf(event.id)])).expiredCount, 3);
    await assertSound(first, event);
  });

  it("from due baskets come back in steps without a pause, although a step takes fewer orders than holds", async () => {
    const { event } = await arrangeHeld(returnsCountMax + 3, basket);
    await letExpire();
    const steps: [number, boolean][] = [];
    for (let hasMore = true; hasMore; ) {
      const returned = await applyReturns(first, [bucketOf(event.id)]);
      ({ hasMore } = returned);
      steps.push([returned.expiredCount, hasMore]);
    }
    assert.deepEqual(steps, [
      [returnsCountMax / 2, true],
      [returnsCountMax / 2, true],
      [3, false],
    ]);
    await assertSound(first, event);
  });

  it("come back without a pause behind an order that a gateway has locked", async () => {
    const { event, ids } = await arrangeHeld(returnsCountMax + 3);
    await letExpire();
    const { tx, rollback } = await openTransaction(second);
    await lockOrders(tx, ids.slice(0, 1));
    const { expiredCount, hasMore } = await applyReturns(first, [bucketOf(event.id)]);
    assert.deepEqual([expiredCount, hasMore], [returnsCountMax - 1, true]);
    await rollback();
    assert.equal((await applyReturns(first, [bucketOf(event.id)])).expiredCount, 4);
    await assertSound(first, event);
  });

  it("have ended at the moment by which they were judged, and not before their time", async () => {
    const { event } = await arrangeHeld(20);
    await letExpire();
    await applyReturns(first, [bucketOf(event.id)]);
    const { rows } = await sql<{ moments: number; early: number }>`
      SELECT count(DISTINCT h.at) AS moments, count(*) FILTER (WHERE h.at < o.expires_at) AS early
      FROM order_history h JOIN orders o ON o.id = h.order_id
      WHERE o.event_id = ${event.id} AND h.to_status = 'EXPIRED'`.execute(first);
    assert.deepEqual(rows, [{ moments: 1, early: 0 }]);
  });

  it("of many cancelled orders come back in steps, and those of a late payment in the first one", async () => {
    const { event, ids } = await arrangeHeld(returnsCountMax + 3);
    const transitions = createTransitions(first, createMetrics(), () => undefined);
    const wish = { kind: "cancel", items: null, reason: null } as const;
    const cancel = (orderId: string) =>
      transitions.submit({ accountId: event.accountId, orderId, actor: "test", wish, key: null, matches: () => true });
    for (const id of ids) await cancel(id);
    const last = ids.at(-1) ?? "";
    assert.equal((await applyReturns(first, [bucketOf(event.id)], [last])).returnedCount, returnsCountMax + 1);
    const { rows } = await sql<{ order_id: string }>`SELECT order_id FROM returns`.execute(first);
    assert.deepEqual(rows.map((row) => row.order_id).sort(), ids.slice(-3, -1).sort());
    assert.equal((await applyReturns(first, [bucketOf(event.id)])).returnedCount, 2);
    assert.equal(await availableOf(event), ids.length);
    await assertSound(first, event);
  });
});
