import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { findOrdersByKey } from "@onsale/database/statements/orders/find-orders-by-key";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createAccount,
  createTestEvent,
  insertAll,
  newOrder,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { readOrders } from "../../support/database/sale.ts";

describe("accepting a group of purchases", () => {
  let db: Db;
  let event: TestEvent;

  before(async () => {
    db = connect(await createTestDatabase());
    event = await createTestEvent(db, { STANDARD: 10 });
  });

  it("gives orders rising sequence numbers in the order given, whatever their ids and keys are", async () => {
    const orders = times(500, null).map(() => newOrder(event, { id: randomUUID(), idempotencyKey: randomUUID() }));
    const seqOf = new Map((await insertAll(db, orders)).map((row) => [row.id, row.seq]));
    const inGivenOrder = orders.map((order) => seqOf.get(order.id) ?? 0);
    assert.equal(seqOf.size, 500);
    assert.deepEqual(
      inGivenOrder,
      inGivenOrder.toSorted((a, b) => a - b),
    );
  });

  it("inserts nothing and returns nothing the second time", async () => {
    const orders = [newOrder(event), newOrder(event)];
    assert.equal((await insertAll(db, orders)).length, 2);
    const before = await readOrders(db, event);
    assert.deepEqual(await insertAll(db, orders), []);
    assert.deepEqual(await readOrders(db, event), before);
  });

  it("leaves an order whose key is taken out of the result and inserts the others", async () => {
    const [first] = await placeOrders(db, event);
    const taken = newOrder(event, { idempotencyKey: first?.idempotencyKey ?? "", quantity: 7 });
    const fresh = [newOrder(event), newOrder(event)] as const;
    const inserted = await insertAll(db, [fresh[0], taken, fresh[1]]);
    assert.deepEqual(inserted.map((row) => row.id).sort(), fresh.map((order) => order.id).sort());
    const [kept] = await findOrdersByKey(db, [taken]);
    assert.deepEqual([kept?.id, kept?.quantity], [first?.id, 1]);
  });

  it("inserts the first of several orders with one key in the same group", async () => {
    const [first, second, third] = [1, 2, 3].map((quantity) =>
      newOrder(event, { idempotencyKey: "thrice-in-a-group", quantity }),
    );
    assert(first && second && third);
    const inserted = await insertAll(db, [first, second, third]);
    assert.deepEqual(
      inserted.map((row) => row.id),
      [first.id],
    );
  });

  it("treats the same key of another account as another order", async () => {
    const otherEvent = await createTestEvent(db, { STANDARD: 10 }, await createAccount(db));
    const part = { idempotencyKey: "the-same-key" };
    const [ours] = await placeOrders(db, event, [part]);
    const [theirs] = await placeOrders(db, otherEvent, [part]);
    assert(ours && theirs);
    const found = await findOrdersByKey(db, [ours, theirs]);
    const idByAccount = new Map(found.map((order) => [order.accountId, order.id]));
    assert.deepEqual([idByAccount.get(event.accountId), idByAccount.get(otherEvent.accountId)], [ours.id, theirs.id]);
    assert.deepEqual(
      (await findOrdersByKey(db, [theirs])).map((order) => order.id),
      [theirs.id],
    );
  });

  it("makes one order when several gateways insert the same purchase at once", async () => {
    const groups = times(8, null).map(() =>
      times(20, null).map((_, n) => newOrder(event, { idempotencyKey: `at-once-${n}` })),
    );
    const inserted = await Promise.all(groups.map((group) => insertAll(db, group)));
    const found = await findOrdersByKey(db, groups[0] ?? []);
    assert.equal(found.length, 20);
    assert.deepEqual(
      inserted
        .flat()
        .map((row) => row.id)
        .sort(),
      found.map((order) => order.id).sort(),
    );
  });

  it("stores every property of an order", async () => {
    const { idempotencyKey, fingerprint, window, ...order } = newOrder(event, {
      ticketType: "VIP-1_A",
      quantity: 10_000,
      strategy: "pessimistic",
      customerRef: `~"{},\\'`,
      idempotencyKey: `"{a,b}\\' NULL`,
      fingerprint: "00ff".repeat(16),
    });
    const [inserted] = await insertAll(db, [{ ...order, idempotencyKey, fingerprint, window }]);
    const [found] = await findOrdersByKey(db, [{ accountId: order.accountId, idempotencyKey }]);
    assert.deepEqual(found, {
      ...order,
      ...inserted,
      idempotencyKey,
      fingerprint,
      eventCode: event.code,
      status: "PENDING",
      reason: null,
      items: null,
      shortage: null,
      expiresAt: null,
      paymentReference: null,
      decidedAt: null,
      version: 1,
    });
  });

  it("finds the orders of exactly the given keys", async () => {
    const otherEvent = await createTestEvent(db, { STANDARD: 10 }, await createAccount(db));
    const [a1] = await placeOrders(db, event, [{ idempotencyKey: "cross-a" }, { idempotencyKey: "cross-b" }]);
    const [, b2] = await placeOrders(db, otherEvent, [{ idempotencyKey: "cross-a" }, { idempotencyKey: "cross-b" }]);
    assert(a1 && b2);
    const found = await findOrdersByKey(db, [a1, b2, { accountId: event.accountId, idempotencyKey: "cross-c" }]);
    assert.deepEqual(found.map((order) => order.id).sort(), [a1.id, b2.id].sort());
    assert.deepEqual(await findOrdersByKey(db, []), []);
  });

  it("has one prepared statement for groups of every size", async () => {
    const single = connect(await createTestDatabase(), 1);
    const singleEvent = await createTestEvent(single, { STANDARD: 10 });
    for (const size of [1, 2, 50]) await placeOrders(single, singleEvent, times(size, {}));
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%INSERT INTO orders%'`.execute(single);
    assert.equal(rows[0]?.count, 1);
  });

  it("groups with the same keys in any order never deadlock", async () => {
    const keys = times(200, null).map(() => randomUUID());
    const groupOf = (order: readonly string[]) => order.map((idempotencyKey) => newOrder(event, { idempotencyKey }));
    for (let round = 0; round < 10; round++) {
      const these = keys.map((key) => `${round}-${key}`);
      const inserted = await Promise.all([
        insertAll(db, groupOf(these)),
        insertAll(db, groupOf(these.toReversed())),
        insertAll(db, groupOf(these.toSorted())),
      ]);
      assert.equal(inserted.flat().length, these.length);
    }
  });
});
