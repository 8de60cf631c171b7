import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { catalogueChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { readCancellation } from "@onsale/database/statements/cancellations/read-cancellation";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { readHistory } from "@onsale/database/statements/transitions/read-history";
import { cancelOrders } from "@onsale/database/transitions/cancel-orders";
import type { Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import {
  assertCancelledOnce,
  cancelReason,
  cancelTestEvent,
  finishCancelling,
} from "../../support/database/cancellation.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

const hold = { terms: { holdSeconds: 600 } } as const;

describe("cancelling an event", () => {
  let url: string;
  let db: Db;
  let submit: (event: TestEvent, orderId: string, wish: Wish) => Promise<string>;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
    await createEndpoint(db, { accountId: 1 });
    const transitions = createTransitions(db, createMetrics(), () => undefined);
    submit = async ({ accountId }, orderId, wish) => {
      const request = { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
      const { outcome } = await transitions.submit(request);
      return outcome.kind === "refused" ? outcome.code : outcome.kind;
    };
  });

  const statusesOf = async (ids: readonly string[]) => {
    const orders = new Map((await getOrders(db, ids)).map((order) => [order.id, order]));
    return ids.map((id) => [orders.get(id)?.status, orders.get(id)?.reason].filter((text) => text != null).join(" "));
  };
  const availableOf = async ({ id }: TestEvent) => (await getInventory(db, id)).map(({ available }) => available);
  const setTotal = (on: Db, { id, accountId, code }: TestEvent, ticketType: string) =>
    setInventoryTotal(on, { accountId, eventId: id, eventCode: code, ticketType, total: 50, actor: "test" });

  it("cancels what has tickets, rejects what is pending, and leaves what has ended as it is", async () => {
    const event = await createTestEvent(db, { STANDARD: 20, VIP: 20 });
    const lines = ["STANDARD", "VIP"].map((ticketType) => ({ ticketType, quantity: 2 }));
    const basket = { ticketType: null, quantity: 4, terms: { lines } };
    const placed = await placeOrders(db, event, [hold, {}, basket, { quantity: 99 }, {}, hold, hold]);
    const ids = placed.map(({ id }) => id);
    await decideAll(db, event.id);
    await submit(event, ids[4] ?? "", { kind: "cancel", items: null, reason: null });
    await expireHold(db, ids[5] ?? "");
    await applyReturns(db, [bucketOf(event.id)]);
    await expireHold(db, ids[6] ?? "");
    ids.push(...(await placeOrders(db, event, [{}, basket])).map(({ id }) => id));

    assert.equal(await cancelTestEvent(db, event), true);
    ids.push(...(await placeOrders(db, event, [{ ...hold, strategy: "pessimistic" }])).map(({ id }) => id));
    await decideAll(db, event.id);
    const progress = await finishCancelling(db, event);

    assert.deepEqual(await statusesOf(ids), [
      ...times(3, "CANCELLED"),
      "REJECTED insufficient-stock",
      "CANCELLED",
      ...times(2, "EXPIRED"),
      ...times(3, "REJECTED event-cancelled"),
    ]);
    assert.equal(await assertCancelledOnce(db, event), 3);
    assert.deepEqual([progress.reason, progress.cancelled], [cancelReason, 3]);
    assert.deepEqual(await availableOf(event), [20, 20]);
    await assertSound(db, event);
    const [, last] = await readHistory(db, ids[0] ?? "");
    assert.deepEqual([last?.from, last?.actor, last?.reason], ["HELD", "organiser", cancelReason]);
  });

  it("waits for the lane before it is done: no order is pending then, and no hold is left", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    const [order] = await placeOrders(db, event, [hold]);
    await decideAll(db, event.id);
    await expireHold(db, order?.id ?? "");
    await cancelTestEvent(db, event);
    await placeOrders(db, event);
    const tryToFinish = async () => {
      for (let round = 0; round < 3; round++) {
        await sql`UPDATE event_cancellations SET next_batch_at = now() WHERE event_id = ${event.id}`.execute(db);
        assert.deepEqual(await cancelOrders(db), { eventId: event.id, orderIds: [] });
      }
      return (await readCancellation(db, event.id))?.finishedAt ?? null;
    };
    assert.equal(await tryToFinish(), null);
    await decideAll(db, event.id);
    assert.equal(await tryToFinish(), null);
    await applyReturns(db, [bucketOf(event.id)]);
    await finishCancelling(db, event);
    await assertSound(db, event);
  });

  it("is done once: a second call changes nothing", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    const answers = await Promise.all(times(5, event).map((own) => cancelTestEvent(connect(url), own)));
    assert.deepEqual(answers.sort(), [false, false, false, false, true]);
    const { rows } = await sql<Record<"activities" | "rows", number>>`
      SELECT (SELECT count(*) FROM activities WHERE event_id = ${event.id} AND action = 'event-cancelled') AS activities,
             (SELECT count(*) FROM ledger WHERE event_id = ${event.id} AND cause = 'cancellation') AS rows`.execute(db);
    assert.deepEqual(rows, [{ activities: 1, rows: 1 }]);
  });

  it("is announced to the gateways with its commit", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    const readHeard = await recordNotifications(url, catalogueChannel);
    await cancelTestEvent(db, event);
    assert.deepEqual(await readHeard(), [`1:${event.code}`]);
  });

  /** Begins to cancel an event, which waits for its stock until the returned function is called. */
  async function beginCancelling(event: TestEvent) {
    const { tx, commit } = await openTransaction(db);
    await sql`SELECT FROM inventory WHERE event_id = ${event.id} FOR UPDATE`.execute(tx);
    const cancelling = cancelTestEvent(connect(url), event);
    await untilBlocked(db);
    return async () => {
      await commit();
      assert.equal(await cancelling, true);
    };
  }

  for (const strategy of ["optimistic", "pessimistic"] as const) {
    it(`rejects a batch that is being decided at that moment (${strategy})`, async () => {
      const event = await createTestEvent(db, { STANDARD: 5 });
      const placed = await placeOrders(db, event, [{ strategy }, { ...hold, strategy }]);
      const cancel = await beginCancelling(event);
      const deciding = decideAll(connect(url), event.id);
      await untilBlocked(db, 2);
      await cancel();
      await deciding;
      assert.deepEqual(await statusesOf(placed.map(({ id }) => id)), times(2, "REJECTED event-cancelled"));
      await assertSound(db, event);
    });
  }

  it("refuses a late payment, which has to be refunded, although tickets are there", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    const [order] = await placeOrders(db, event, [hold]);
    const id = order?.id ?? "";
    await decideAll(db, event.id);
    await expireHold(db, id);
    await applyReturns(db, [bucketOf(event.id)]);
    await cancelTestEvent(db, event);
    assert.equal(await submit(event, id, { kind: "confirm", reference: "pay-1" }), "late");
    await decideAll(db, event.id);
    assert.equal(await submit(event, id, { kind: "confirm", reference: "pay-1" }), "hold-expired");
    const { rows } = await sql`
      SELECT type FROM outbox WHERE order_id = ${id}::uuid AND type = 'order.refund_required'`.execute(db);
    assert.equal(rows.length, 1);
    await finishCancelling(db, event);
    await assertSound(db, event);
  });

  it("keeps the stock as it is, also when it is being changed at that moment", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    const cancel = await beginCancelling(event);
    const changes = ["STANDARD", "VIP"].map((ticketType) => setTotal(connect(url), event, ticketType));
    await untilBlocked(db, 3);
    await cancel();
    assert.deepEqual(await Promise.all(changes), times(2, { kind: "event-cancelled" }));
    assert.deepEqual(await setTotal(db, event, "STANDARD"), { kind: "event-cancelled" });
    assert.deepEqual(await availableOf(event), [5]);
  });
});
