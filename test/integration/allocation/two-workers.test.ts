// Two workers that decide the same event at the same time, as after a stalled job or with a paused process.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Strategy } from "@onsale/contracts/order";
import { strategies } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import fc from "fast-check";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { assertSound, decideAll, decideOnce, readOrders } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";

describe("two workers with one event", () => {
  let first: Db;
  let second: Db;

  before(async () => {
    const url = await createTestDatabase();
    first = connect(url);
    second = connect(url);
  });

  const mixes: Readonly<Record<string, readonly Strategy[]>> = {
    optimistic: ["optimistic"],
    pessimistic: ["pessimistic"],
    mixed: strategies,
  };

  for (const [name, mix] of Object.entries(mixes)) {
    const strategy = fc.constantFrom(...mix);
    const order = fc.record({
      strategy,
      ticketType: fc.constantFrom("A", "B"),
      quantity: fc.integer({ min: 1, max: 4 }),
    });
    const sale = fc.record({
      orders: fc.array(order, { minLength: 20, maxLength: 60 }),
      total: fc.integer({ min: 0, max: 60 }),
      batchCountMax: fc.integer({ min: 1, max: 10 }),
      groupSize: fc.integer({ min: 1, max: 20 }),
    });

    it(`sell every ticket once, in arrival order, while orders are still inserted: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(sale, async ({ orders, total, batchCountMax, groupSize }) => {
          const event = await createTestEvent(first, { A: total, B: 20 });
          const groups = orders.flatMap((_, n) => (n % groupSize === 0 ? [orders.slice(n, n + groupSize)] : []));
          const work = (db: Db) => decideAll(db, event.id, batchCountMax);
          const inserting = Promise.all(groups.map((group) => placeOrders(first, event, group)));
          const early = await Promise.all([first, second, first, second].map(work));
          await inserting;
          const late = await Promise.all([first, second].map(work));

          const decided = [...early, ...late].flat(2).map((decision) => decision.id);
          assert.equal(decided.length, orders.length);
          assert.equal(new Set(decided).size, orders.length, "an order was decided twice");
          for (const { available } of await getInventory(first, event.id)) assert(available >= 0);
          await assertSound(first, event);
        }),
        { numRuns: 12 },
      );
    });
  }

  it("a hundred orders for ten tickets confirm the first ten orders", async () => {
    const event = await createTestEvent(first, { STANDARD: 10 });
    await placeOrders(first, event, times(100, {}));
    await Promise.all([first, second, first, second].map((db) => decideAll(db, event.id, 3)));
    const statuses = (await readOrders(first, event)).map((order) => order.status);
    assert.deepEqual(statuses, [...times(10, "CONFIRMED"), ...times(90, "REJECTED")]);
  });

  /** Locks the stock, as a worker that decides does, and runs `act` while the second worker waits for the lock. */
  async function whileFirstDecides(event: TestEvent, act: (tx: Db) => Promise<unknown>) {
    const { tx, commit } = await openTransaction(first);
    await lockStock(tx, [{ eventId: event.id, ticketType: "STANDARD" }]);
    const outcome = decideOnce(second, event.id, 10).then(
      (result) => result.kind,
      (error: unknown) => classify(error),
    );
    await untilBlocked(first);
    await act(tx);
    await commit();
    return outcome;
  }

  const raiseTotal = (event: TestEvent) => (tx: Db) =>
    sql`UPDATE inventory SET total = total + 1, version = version + 1 WHERE event_id = ${event.id}`.execute(tx);

  it("an optimistic batch writes nothing when the stock was changed after it was read", async () => {
    const event = await createTestEvent(first, { STANDARD: 10 });
    await placeOrders(first, event, [{ strategy: "optimistic" }]);
    assert.equal(await whileFirstDecides(event, raiseTotal(event)), "stock-changed");
    assert.deepEqual(
      (await readOrders(first, event)).map((order) => order.status),
      ["PENDING"],
    );
  });

  it("an optimistic batch is written when the owner of the lock changed nothing", async () => {
    const event = await createTestEvent(first, { STANDARD: 10 });
    await placeOrders(first, event, [{ strategy: "optimistic" }]);
    assert.equal(await whileFirstDecides(event, async () => undefined), "decided");
  });

  it("a pessimistic batch waits for the lock and decides on the stock that it then reads", async () => {
    const event = await createTestEvent(first, { STANDARD: 0 });
    await placeOrders(first, event, [{ strategy: "pessimistic" }]);
    assert.equal(await whileFirstDecides(event, raiseTotal(event)), "decided");
    const [order] = await readOrders(first, event);
    assert.equal(order?.status, "CONFIRMED");
  });

  it("a pessimistic batch decides nothing when another worker was faster", async () => {
    const event = await createTestEvent(first, { STANDARD: 10 });
    await placeOrders(first, event, [{ strategy: "pessimistic" }]);
    const rejectAll = (tx: Db) =>
      sql`UPDATE orders SET status = 'REJECTED', decided_at = clock_timestamp() WHERE event_id = ${event.id}`.execute(
        tx,
      );
    assert.equal(await whileFirstDecides(event, rejectAll), "none-decided");
    assert.equal((await decideOnce(second, event.id, 10)).kind, "nothing-pending");
  });

  it("one batch decides orders of both strategies, on locked stock", async () => {
    const event = await createTestEvent(first, { STANDARD: 3 });
    const mix: readonly Strategy[] = ["optimistic", "optimistic", "pessimistic", "optimistic"];
    const mixed = mix.map((strategy) => ({ strategy }));
    await placeOrders(first, event, mixed);
    assert.equal(await whileFirstDecides(event, raiseTotal(event)), "decided");
    const orders = await readOrders(first, event);
    assert.deepEqual(
      orders.map(({ strategy, status }) => [strategy, status]),
      mixed.map(({ strategy }) => [strategy, "CONFIRMED"]),
    );
    await sql`UPDATE inventory_totals SET total = 4 WHERE event_id = ${event.id}`.execute(first);
    await assertSound(first, event);
  });
});
