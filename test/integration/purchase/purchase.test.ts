// Purchases at moments that are too short to be hit over HTTP, so the test calls the gateway's parts.
import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { openDatabaseClock } from "@onsale/database/database-clock";
import { changeEvent } from "@onsale/database/statements/events/change-event";
import { createCatalogue } from "@onsale/gateway/catalogue/catalogue";
import { createOrderReader } from "@onsale/gateway/catalogue/order-reader";
import { createStockReader } from "@onsale/gateway/catalogue/stock-reader";
import { type Backlog, createBacklog } from "@onsale/gateway/overload/backlog";
import { createIntake, insertSlotCount } from "@onsale/gateway/purchase/intake";
import { createLaneRules } from "@onsale/gateway/purchase/lane-rules";
import { createPurchase } from "@onsale/gateway/purchase/purchase";
import { createRecorder } from "@onsale/gateway/purchase/recorder";
import { createSoldOut } from "@onsale/gateway/purchase/sold-out";
import { createDecisions, type Decisions } from "@onsale/gateway/results/decisions";
import { createQueueEstimates } from "@onsale/gateway/results/queue-estimates";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createTestEvent,
  defaultAccountId,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { untilTrue } from "../../support/until.ts";

const refuseAfterMs = 300;

describe("a purchase", () => {
  let db: Db;
  let event: TestEvent;
  let catalogue: ReturnType<typeof createCatalogue>;
  let intake: ReturnType<typeof createIntake>;
  let decisions: Decisions;
  let backlog: Backlog;
  let openBacklog: (pendingSeconds: number) => Backlog;
  let soldOut: ReturnType<typeof createSoldOut>;
  let purchase: (key: string) => ReturnType<ReturnType<typeof createPurchase>>;

  beforeEach(async () => {
    const url = await createTestDatabase();
    db = connect(url);
    event = await createTestEvent(db, { STANDARD: 2 });
    const metrics = createMetrics();
    const record = createRecorder(connect(url, insertSlotCount), metrics, () => undefined);
    decisions = createDecisions();
    const queueEstimates = createQueueEstimates(db, decisions);
    openBacklog = (pendingSeconds) => {
      backlog = createBacklog(
        { db, decisions, queueEstimates, metrics: createMetrics(), onError: assert.fail },
        pendingSeconds,
      );
      atEnd(backlog.close);
      return backlog;
    };
    // Without a limit it counts nothing, so the tests find no session of it among those that are blocked.
    const unlimited = openBacklog(0);
    intake = createIntake(record, unlimited, metrics, refuseAfterMs);
    soldOut = createSoldOut(db, createStockReader(db), decisions, true);
    atEnd(soldOut.close);
    catalogue = createCatalogue(db, () => true);
    const orderReader = createOrderReader(connect(url));
    const capability = { isComplete: () => true, require: () => undefined };
    const clock = await openDatabaseClock(db, assert.fail);
    atEnd(clock.close);
    const buy = createPurchase({
      catalogue,
      soldOut,
      orderReader,
      intake,
      backlog: { isFull: (id) => backlog.isFull(id), problemOf: (id) => backlog.problemOf(id) },
      capability,
      clock,
      metrics,
      ...createLaneRules({ db, readDb: db, catalogue, customerKey: undefined }),
    });
    const body = { eventCode: event.code, ticketType: "STANDARD", quantity: 1 };
    purchase = (key) => buy(defaultAccountId, body, "optimistic", key);
    await catalogue.find(defaultAccountId, event.code);
  });

  async function sellOut(): Promise<void> {
    await placeOrders(db, event, times(2, {}));
    await decideAll(db, event.id);
    decisions.publish({ eventId: event.id, seq: 1, count: 2, soldOut: ["STANDARD"] });
    await untilTrue("it is known to be sold out", () => soldOut.has(event.id, "STANDARD"));
  }

  async function lockOrders(): Promise<() => Promise<void>> {
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`.execute(tx);
    return rollback;
  }

  const countOrders = async () => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) FROM orders`.execute(db);
    return rows[0]?.count;
  };

  it("that is pending is not refused when it is sent again, although tickets are sold out by then", async () => {
    const unlock = await lockOrders();
    const first = purchase("twice");
    await untilBlocked(db);
    // Sold out without orders: here only the gateway's knowledge matters.
    await sql`UPDATE inventory SET allocated = total WHERE event_id = ${event.id}`.execute(db);
    decisions.publish({ eventId: event.id, seq: 1, count: 2, soldOut: ["STANDARD"] });
    await untilTrue("it is known to be sold out", () => soldOut.has(event.id, "STANDARD"));
    const second = purchase("twice");
    await unlock();
    const [one, two] = await Promise.all([first, second]);
    // Both inserts waited for the lock; either may have been the first afterwards.
    assert.deepEqual([one.isReplayed, two.isReplayed].sort(), [false, true]);
    assert.equal(two.order.id, one.order.id);
    // On a busy machine the knowledge may have lapsed meanwhile, and a purchase is then recorded.
    await untilTrue("it is still known to be sold out", () => soldOut.has(event.id, "STANDARD"));
    await assert.rejects(purchase("another"), { code: "sold-out" });
  });

  it("that is pending gets its order when it is sent again, although the sale is paused by then", async () => {
    const unlock = await lockOrders();
    const first = purchase("twice");
    await untilBlocked(db);
    await changeEvent(db, { ...event, actor: "test" }, { paused: true });
    catalogue.forget(defaultAccountId, event.code);
    const again = [purchase("twice"), purchase("twice")];
    await catalogue.find(defaultAccountId, event.code);
    await unlock();
    const [one, two, three] = await Promise.all([first, ...again]);
    assert.deepEqual([two?.isReplayed, three?.isReplayed], [true, true]);
    assert.deepEqual([two?.order.id, three?.order.id], [one?.order.id, one?.order.id]);
    await assert.rejects(purchase("another"), { code: "sale-paused", retryable: true });
    assert.equal(await countOrders(), 1);
  });

  it("is accepted when tickets were returned while its key was looked up", async () => {
    await sellOut();
    const unlock = await lockOrders();
    const bought = purchase("patient");
    await untilBlocked(db);
    await sql`UPDATE inventory SET total = total + 1 WHERE event_id = ${event.id}`.execute(db);
    await untilTrue("the gateway knows about the ticket", () => !soldOut.has(event.id, "STANDARD"));
    await unlock();
    assert.equal((await bought).isReplayed, false);
    assert.equal(await countOrders(), 3);
  });

  it("that is pending gets its order when it is sent again, although the queue is full by then", async () => {
    const limited = openBacklog(15);
    // It counts by itself no more: a count that waited for the lock would forget the orders that are noted below.
    await limited.close();
    await limited.count();
    const unlock = await lockOrders();
    const first = purchase("twice");
    await untilBlocked(db, 1, "INSERT INTO orders");
    limited.noteAccepted(event.id, 15_000);
    const second = purchase("twice");
    const another = assert.rejects(purchase("another"), { code: "queue-full", retryable: true });
    await unlock();
    const [one, two] = await Promise.all([first, second]);
    // Both inserts waited for the lock; either may have been the first afterwards.
    assert.deepEqual([one.isReplayed, two.isReplayed].sort(), [false, true]);
    assert.equal(two.order.id, one.order.id);
    await another;
    assert.equal(await countOrders(), 1);
    assert.equal((await purchase("twice")).order.id, one.order.id);
  });

  it("that was queued for too long is refused, and never recorded", async () => {
    const unlock = await lockOrders();
    const begun: ReturnType<typeof purchase>[] = [];
    for (let slot = 1; slot <= insertSlotCount; slot++) {
      begun.push(purchase(`begun-${slot}`));
      await untilBlocked(db, slot);
    }
    const late = purchase("late").then(
      () => "accepted",
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
    );
    const submittedAt = performance.now();
    await untilTrue("it was queued for too long", () => performance.now() - submittedAt > 2 * refuseAfterMs);
    const fresh = purchase("fresh");
    await unlock();
    await Promise.all([...begun, fresh]);
    assert.equal(await late, "overloaded");
    assert.equal(await countOrders(), insertSlotCount + 1);
    assert.equal(intake.isPending({ accountId: defaultAccountId, idempotencyKey: "late" }), false);
    assert.equal((await purchase("late")).isReplayed, false);
  });
});
