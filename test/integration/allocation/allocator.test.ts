import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { strategies } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import type { NewOrder } from "@onsale/database/statements/orders/insert-orders";
import { applyTransitions } from "@onsale/database/transitions/apply-transitions";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { assertSound, readOrders } from "../../support/database/sale.ts";
import { countStatuses, createParts, neverEnqueueAgain } from "../../support/services/allocator.ts";
import { until } from "../../support/until.ts";

describe("serving a partition", () => {
  let db: Db;
  let url: string;
  let failureCount = 0;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  /** Makes PostgreSQL fail on decisions of the event that meet the condition, the first `countMax` times. */
  async function failOn(event: TestEvent, condition: string, sqlstate: string, countMax = 1_000_000): Promise<void> {
    const name = `failure_${failureCount++}`;
    await sql
      .raw(`
      CREATE SEQUENCE ${name};
      CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('${name}') <= ${countMax} THEN
          RAISE EXCEPTION 'made by a test' USING ERRCODE = '${sqlstate}';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER ${name} BEFORE UPDATE ON orders FOR EACH ROW
        WHEN (NEW.event_id = ${event.id} AND ${condition}) EXECUTE FUNCTION ${name}();`)
      .execute(db);
  }

  /** Orders of the event whose hold is over, although no worker has ended it. */
  async function arrangeExpired(event: TestEvent, parts: readonly Partial<NewOrder>[]): Promise<string[]> {
    const held = parts.map((part) => ({ ...part, terms: { holdSeconds: 600 } }));
    const ids = (await placeOrders(db, event, held)).map(({ id }) => id);
    await createParts(db).serveAll(event.id);
    for (const id of ids) await expireHold(db, id);
    return ids;
  }

  async function payLate({ accountId }: TestEvent, orderId = ""): Promise<void> {
    const wish = { kind: "confirm", reference: "pay-1" } as const;
    const request = { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
    assert.equal((await applyTransitions(db, [request])).outcomes[0]?.kind, "late");
  }

  const isBad = "NEW.status = 'CONFIRMED' AND NEW.quantity = 13";

  it("two workers that isolate the same bad order reject nothing else", async () => {
    const one = createParts(db);
    const other = createParts(connect(url));
    for (let round = 0; round < 8; round++) {
      const event = await createTestEvent(db, { STANDARD: 1_000 });
      await failOn(event, isBad, "P0001");
      await placeOrders(db, event, [{ quantity: 13 }, ...times(30, {})]);
      await Promise.all([one.serveAll(event.id), other.serveAll(event.id)]);
      assert.deepEqual(await countStatuses(db, event), { "REJECTED internal-error": 1, CONFIRMED: 30 });
    }
  });

  it("a worker that is frozen while it has locked the stock blocks the other workers only for seconds", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    await placeOrders(db, event, [{ strategy: "pessimistic" }]);
    const frozen = await connect(url, 1).startTransaction().execute();
    await lockStock(frozen, [{ eventId: event.id, ticketType: "STANDARD" }]);
    const { serveAll } = createParts(db);
    assert.equal(await until("the order is decided", () => serveAll(event.id), 20_000), 1);
    await frozen
      .rollback()
      .execute()
      .catch(() => undefined);
  });

  it("decides everything that is pending, in batches of at most 500", async () => {
    const event = await createTestEvent(db, { STANDARD: 700 });
    await placeOrders(db, event, times(501, {}));
    await placeOrders(db, event, times(500, {}));
    const { serve, serveAll, read } = createParts(db);
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 700, "REJECTED sold-out": 301 });
    assert.equal(await read("allocation_batch_size_count"), 3);
    assert.equal(await read('allocation_batch_size_bucket{le="2"}'), 1);
    assert.equal(await read('allocation_batch_size_bucket{le="500"}'), 3);
    assert.equal((await serve(event.id, neverEnqueueAgain)).decided, 0);
    await assertSound(db, event);
  });

  it("counts the decisions by outcome and reason", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    await placeOrders(db, event, [{ quantity: 3 }, { quantity: 3 }, { quantity: 2 }, {}]);
    const { serveAll, read } = createParts(db);
    assert.equal(await serveAll(event.id), 4);
    assert.equal(await read('orders_decided_total{outcome="confirmed",reason="none"}'), 2);
    assert.equal(await read('orders_decided_total{outcome="rejected",reason="insufficient-stock"}'), 1);
    assert.equal(await read('orders_decided_total{outcome="rejected",reason="sold-out"}'), 1);
    assert.equal(await read("tickets_sold_total"), 5);
    assert.equal(await read("order_decision_duration_seconds_count"), 4);
    assert.equal(await read("allocation_duration_seconds_count"), 1);
  });

  it("counts late payments apart from first decisions, and what comes back before them", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    const [paid, unpaid] = await arrangeExpired(event, [{}, {}]);
    await payLate(event, paid);
    const { serveAll, read } = createParts(db);
    await serveAll(event.id);
    assert.equal((await readOrders(db, event)).find(({ id }) => id === unpaid)?.status, "EXPIRED");
    assert.equal(await read('late_payments_decided_total{outcome="confirmed"}'), 1);
    assert.equal(await read("order_decision_duration_seconds_count"), 0);
    assert.equal(await read('returns_applied_total{cause="return"}'), 1);
    assert.equal(await read('returns_applied_total{cause="expiry"}'), 1);
    assert.equal(await read('orders_closed_total{outcome="expired"}'), 1);
    await assertSound(db, event);
  });

  it("refuses a late payment that cannot be processed, and the audit finds nothing wrong with that", async () => {
    const event = await createTestEvent(db, { STANDARD: 20 });
    const [id] = await arrangeExpired(event, [{ quantity: 13 }]);
    await payLate(event, id);
    await failOn(event, isBad, "P0001");
    const { serveAll, read } = createParts(db);
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { EXPIRED: 1 });
    assert.equal(await read('late_payments_decided_total{outcome="refused"}'), 1);
    await placeOrders(db, event, times(20, {}));
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { EXPIRED: 1, CONFIRMED: 20 });
    await assertSound(db, event);
  });

  for (const strategy of strategies) {
    it(`rejects bad orders with internal-error and decides all others: ${strategy}`, async () => {
      const event = await createTestEvent(db, { STANDARD: 1_000 });
      const bad = new Set([0, 17, 18, 39]);
      const parts = times(40, null).map((_, n) => ({ strategy, quantity: bad.has(n) ? 13 : 1 }));
      await placeOrders(db, event, parts);
      await failOn(event, isBad, "P0001");
      const { serveAll, read } = createParts(db);
      await serveAll(event.id);
      assert.deepEqual(
        (await readOrders(db, event)).map((order) => [order.status, order.reason]),
        parts.map((_, n) => (bad.has(n) ? ["REJECTED", "internal-error"] : ["CONFIRMED", null])),
      );
      assert.equal(await read('orders_decided_total{outcome="rejected",reason="internal-error"}'), 4);
      assert.equal(await read("tickets_sold_total"), 36);
      await assertSound(db, event);
    });
  }

  it("isolates a bad order in few batches", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(
      db,
      event,
      times(500, null).map((_, n) => ({ quantity: n === 300 ? 13 : 1 })),
    );
    await failOn(event, isBad, "P0001");
    const { serveAll, read } = createParts(db);
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 499, "REJECTED internal-error": 1 });
    const batchCount = await read("allocation_batch_size_count");
    assert(batchCount <= 12, `${batchCount} batches`);
  });

  it("decides later orders of an event that had a bad order", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(db, event, [{ quantity: 13 }]);
    await failOn(event, isBad, "P0001");
    const { serveAll } = createParts(db);
    await serveAll(event.id);
    await placeOrders(db, event, times(3, {}));
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 3, "REJECTED internal-error": 1 });
  });

  it("rejects orders for a ticket type without stock, and only these", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(db, event, [{}, { ticketType: "NOWHERE" }, {}]);
    await createParts(db).serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 2, "REJECTED internal-error": 1 });
    await assertSound(db, event);
  });

  it("fails the job and decides nothing when the database, and not an order, is at fault", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(db, event, times(3, {}));
    const diskFull = "53100";
    await failOn(event, "NEW.status = 'CONFIRMED'", diskFull, 1);
    const { serve, serveAll } = createParts(db);
    await assert.rejects(serve(event.id, neverEnqueueAgain), { code: diskFull });
    assert.deepEqual(await countStatuses(db, event), { PENDING: 3 });
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 3 });
  });

  it("runs a batch again after a conflict with another transaction, and counts a retry", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(db, event, times(3, {}));
    await failOn(event, "true", "40P01", 2);
    const { serveAll, read } = createParts(db);
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 3 });
    assert.equal(await read('db_transaction_retries_total{sqlstate="40P01"}'), 2);
    assert.equal(await read("purchase_conflict_total"), 0);
  });

  it("runs a batch again when another worker was faster, and counts a conflict", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(db, event, times(3, {}));
    await failOn(event, "true", "OS001", 2);
    const { serveAll, read } = createParts(db);
    await serveAll(event.id);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 3 });
    assert.equal(await read("purchase_conflict_total"), 2);
  });

  it("decides each order once when a partition is served twice at the same time", async () => {
    const { serve, read } = createParts(db);
    const event = await createTestEvent(db, { STANDARD: 4 });
    await placeOrders(db, event, times(6, {}));
    await Promise.all([serve(event.id, assert.fail), serve(event.id, assert.fail)]);
    await assertSound(db, event);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 4, "REJECTED sold-out": 2 });
    assert.equal(await read("purchase_conflict_total"), 0);
  });
});
