// The orders of a cancelled event, while somebody else changes them, and while workers share the work or are killed.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { readCancellation } from "@onsale/database/statements/cancellations/read-cancellation";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { applyTransitions } from "@onsale/database/transitions/apply-transitions";
import { cancelOrders } from "@onsale/database/transitions/cancel-orders";
import type { Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { createMetrics } from "@onsale/observability/metrics";
import { startCancellations } from "@onsale/worker/cancellations";
import { startReturns } from "@onsale/worker/returns";
import { createTurns } from "@onsale/worker/turns";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { assertCancelledOnce, cancelTestEvent, finishCancelling } from "../../support/database/cancellation.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { untilTrue } from "../../support/until.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

const hold = { terms: { holdSeconds: 600 } } as const;
const confirm: Wish = { kind: "confirm", reference: "pay-1" };

describe("the orders of a cancelled event", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
    await createEndpoint(db, { accountId: 1 });
  });

  /** A cancelled event with this many held orders, counted and not cancelled yet. */
  const pauseEnds = () => sql`UPDATE event_cancellations SET next_batch_at = now()`.execute(db);

  /** A cancelled event with held orders that are counted; its next batch is due. */
  async function arrangeCancelled(count: number) {
    const event = await createTestEvent(db, { STANDARD: count });
    const ids = (await placeOrders(db, event, times(count, hold))).map(({ id }) => id);
    await decideAll(db, event.id);
    await cancelTestEvent(db, event);
    await untilTrue("its orders are counted", async () => {
      await cancelOrders(db);
      return (await readCancellation(db, event.id))?.total === count;
    });
    await pauseEnds();
    return { event, ids };
  }

  const requestOf = ({ accountId }: TestEvent, orderId: string, wish: Wish) => {
    return { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
  };
  const outcomeOf = async (on: Db, event: TestEvent, orderId: string, wish: Wish) => {
    const { outcomes } = await applyTransitions(on, [requestOf(event, orderId, wish)]);
    return outcomes[0]?.kind === "refused" ? outcomes[0].code : outcomes[0]?.kind;
  };
  const statusOf = async (id: string) => (await getOrders(db, [id]))[0]?.status;

  it("are left out while somebody else changes them, and cancelled afterwards", async () => {
    const { event, ids } = await arrangeCancelled(5);
    const locked = ids[2] ?? "";
    const { tx, commit } = await openTransaction(db);
    await sql`UPDATE orders SET customer_ref = 'somebody' WHERE id = ${locked}::uuid`.execute(tx);
    await untilTrue("the others are cancelled", async () => {
      await cancelOrders(db);
      return (await readCancellation(db, event.id))?.cancelled === 4;
    });
    assert.equal(await statusOf(locked), "HELD");
    await commit();
    await finishCancelling(db, event);
    assert.equal(await assertCancelledOnce(db, event), 5);
    await assertSound(db, event);
  });

  it("are confirmed and then cancelled, or cancelled and then not confirmable", async () => {
    const { event, ids } = await arrangeCancelled(2);
    const [first = "", second = ""] = ids;
    assert.equal(await outcomeOf(db, event, first, confirm), "changed");
    const { tx, commit } = await openTransaction(db);
    await sql`SELECT FROM orders WHERE id = ${second}::uuid FOR UPDATE`.execute(tx);
    const confirming = outcomeOf(connect(url), event, second, confirm);
    await untilBlocked(db);
    await commit();
    assert.equal(await confirming, "changed");
    await finishCancelling(db, event);
    assert.deepEqual([await statusOf(first), await statusOf(second)], ["CANCELLED", "CANCELLED"]);
    assert.equal(await outcomeOf(db, event, first, { kind: "confirm", reference: "pay-2" }), "order-not-confirmable");
    assert.equal(await assertCancelledOnce(db, event), 2);
    await assertSound(db, event);
  });

  it("are as before when the session of a batch ends in the middle, and cancelled by the next one", async () => {
    const { event, ids } = await arrangeCancelled(3);
    const killed = connect(url, 1);
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(killed);
    const { tx, commit } = await openTransaction(db);
    // The batch has cancelled the orders and waits for the lock of its outbox rows.
    await sql`LOCK TABLE outbox IN EXCLUSIVE MODE`.execute(tx);
    const failing = cancelOrders(killed).then(
      () => assert.fail("the batch was not ended"),
      () => "ended",
    );
    await untilBlocked(db);
    assert.equal(await cancelOrders(db), null, "the other one has the event");
    await sql`SELECT pg_terminate_backend(${rows[0]?.pid}::int)`.execute(db);
    assert.equal(await failing, "ended");
    await commit();
    assert.deepEqual(await Promise.all(ids.map(statusOf)), times(3, "HELD"));
    await finishCancelling(db, event);
    assert.equal(await assertCancelledOnce(db, event), 3);
    await assertSound(db, event);
  });

  it("wait until their tickets are on sale again, so that those of other events need not wait behind them", async () => {
    const { event } = await arrangeCancelled(1_200);
    const cancelled = async () => (await readCancellation(db, event.id))?.cancelled ?? 0;
    for (let round = 0; round < 6; round++) {
      await pauseEnds();
      await cancelOrders(db);
    }
    assert.equal(await cancelled(), 750);
    for (let round = 0; round < 3; round++) await applyReturns(db, [bucketOf(event.id)]);
    await pauseEnds();
    await cancelOrders(db);
    assert.equal(await cancelled(), 1_000);
    await finishCancelling(db, event);
    await assertSound(db, event);
  });

  it("are cancelled once when several workers share the work of several events", async () => {
    const counts = [700, 900];
    const events: TestEvent[] = [];
    for (const count of counts) {
      const event = await createTestEvent(db, { STANDARD: count });
      await placeOrders(db, event, times(count, hold));
      await decideAll(db, event.id);
      events.push(event);
    }
    const metrics = [createMetrics(), createMetrics(), createMetrics()];
    for (const own of metrics) {
      const workerDb = connect(url, 2);
      const parts = [
        startCancellations(workerDb, own, (error) => assert.fail(error)),
        startReturns(workerDb, createTurns(), own, (error) => assert.fail(error)),
      ];
      for (const { close } of parts) atEnd(close);
    }
    await Promise.all(events.map((event) => cancelTestEvent(db, event)));
    await untilTrue("both are done", async () => {
      const rows = await Promise.all(events.map(({ id }) => readCancellation(db, id)));
      return rows.every((row) => row?.finishedAt != null);
    });
    for (const [index, event] of events.entries()) {
      assert.equal(await assertCancelledOnce(db, event), counts[index]);
      await assertSound(db, event);
    }
    const figures = await Promise.all(metrics.map((own) => own.figures(["orders_closed_total"])));
    const sum = figures.flatMap((own) => Object.values(own)).reduce((all, count) => all + count, 0);
    assert.equal(sum, 1_600, "together they counted each order once");
  });
});
