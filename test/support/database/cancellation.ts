// Cancels events with the code of gateways and workers, without services.
import { strict as assert } from "node:assert";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { cancelEvent } from "@onsale/database/statements/cancellations/cancel-event";
import { readCancellation } from "@onsale/database/statements/cancellations/read-cancellation";
import { cancelOrders } from "@onsale/database/transitions/cancel-orders";
import { bucketOf } from "@onsale/domain/bucket";
import { sql } from "kysely";
import { until } from "../until.ts";
import type { TestEvent } from "./factories.ts";

export const cancelReason = "The band is ill.";

/** Cancels an event as a gateway does; false when it was cancelled before. */
export function cancelTestEvent(db: Db, { id, accountId, code }: TestEvent): Promise<boolean> {
  return cancelEvent(db, { accountId, eventId: id, eventCode: code, actor: "organiser", reason: cancelReason });
}

/** Cancels batch after batch, and puts the tickets on sale again, until the cancellation of the event is finished. */
export function finishCancelling(db: Db, { id }: TestEvent) {
  return until("the event's orders are cancelled", async () => {
    await cancelOrders(db);
    await applyReturns(db, [bucketOf(id)]);
    const progress = await readCancellation(db, id);
    return progress?.finishedAt == null ? null : progress;
  });
}

/**
 * Fails unless every order of the event that was cancelled has one history row for that, and one outbox row while there
 * is an endpoint; and unless no order has tickets.
 *
 * @returns the number of orders that were cancelled because of the event
 */
export async function assertCancelledOnce(db: Db, { id }: TestEvent): Promise<number> {
  const { rows: left } = await sql<{ count: number }>`
    SELECT count(*) FROM orders
    WHERE event_id = ${id}::int AND status NOT IN ('CANCELLED', 'EXPIRED', 'REJECTED')`.execute(db);
  assert.deepEqual(left, [{ count: 0 }], "no order of the event has tickets");
  const { rows: transitions } = await sql<{ change: string }>`
    SELECT order_id || ':' || version AS change FROM order_history
    WHERE event_id = ${id}::int AND to_status = 'CANCELLED' AND reason = ${cancelReason}`.execute(db);
  const { rows: facts } = await sql<{ change: string }>`
    SELECT order_id || ':' || version AS change FROM outbox WHERE type = 'order.cancelled'`.execute(db);
  const orders = new Set(transitions.map(({ change }) => change.split(":")[0]));
  assert.equal(transitions.length, orders.size, "no order is cancelled twice");
  // Not joined in SQL: without hash joins, as in these sessions, that would compare all pairs.
  const countOf = Map.groupBy(facts, ({ change }) => change);
  const toldOnce = transitions.filter(({ change }) => countOf.get(change)?.length === 1);
  assert.equal(toldOnce.length, transitions.length, "each is told of once");
  return orders.size;
}
