// Makes the deliveries that an endpoint has missed, because it was disabled or not registered yet: one for each
// transition of an order that it subscribes to and has no delivery of. Works on one page of an event's orders.
//
// Locks: the endpoint's row (FOR NO KEY UPDATE), so that two runs do not make the same delivery, and the subscription
// stays as it was read. The relay is not blocked. A transition that it has not relayed yet is left to it, if it will
// make the delivery: one statement reads the outbox and the deliveries, and so sees the transition in one of them.
// Indexes used: orders_by_event, webhook_deliveries_by_order; the outbox is short. A second run makes nothing.
import type { WebhookType } from "@onsale/contracts/webhook";
import { sql } from "kysely";
import { webhooksChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import { firstStatus, type OrderRow, selectOrders } from "../orders/order-row.ts";
import type { EventSeqRange, TimeRange } from "./find-seq-ranges.ts";
import { insertDeliveries } from "./insert-deliveries.ts";

/** A change of an order's status, with the order as it is now. */
export type Transition = Readonly<{ type: WebhookType; happenedAt: Date; order: OrderRow }>;

export type CreatedDeliveries = Readonly<{
  count: number;
  /** The last `seq` of the page; null when no order was left. */
  lastSeq: number | null;
}>;

type Subscription = Readonly<{ types: readonly WebhookType[]; eventId: number | null; activeSince: Date }>;

/**
 * @param countMax orders of the page, missed or not
 * @returns nothing made and nothing left when the endpoint is disabled or deleted
 */
export function createMissedDeliveries(
  db: Db,
  endpointId: string,
  time: TimeRange,
  range: EventSeqRange,
  countMax: number,
  bodyOf: (transition: Transition) => string,
): Promise<CreatedDeliveries> {
  return db.transaction().execute(async (tx) => {
    const subscription = await lockSubscription(tx, endpointId);
    if (subscription === undefined) return { count: 0, lastSeq: null };
    const { eventId } = subscription;
    if (eventId !== null && eventId !== range.eventId) return { count: 0, lastSeq: null };
    const lastSeq = await findLastSeq(tx, range, countMax);
    if (lastSeq === null) return { count: 0, lastSeq };
    const missed = await readMissed(tx, endpointId, subscription, time, { ...range, beforeSeq: lastSeq + 1 });
    if (missed.length > 0) {
      const deliveries = missed.map((transition) => {
        const { type, order } = transition;
        return { endpointId, outboxId: null, orderId: order.id, type, body: bodyOf(transition) };
      });
      await insertDeliveries(tx, deliveries, 0);
      await sql`SELECT pg_notify(${webhooksChannel}, ${endpointId})`.execute(tx);
    }
    return { count: missed.length, lastSeq };
  });
}

function lockSubscription(tx: Db, endpointId: string): Promise<Subscription | undefined> {
  return tx
    .selectFrom("webhook_endpoints")
    .where("id", "=", endpointId)
    .where("disabled_at", "is", null)
    .select(["types", "event_id as eventId", "active_since as activeSince"])
    .forNoKeyUpdate()
    .executeTakeFirst();
}

async function findLastSeq(tx: Db, { eventId, afterSeq, beforeSeq }: EventSeqRange, countMax: number) {
  const { rows } = await sql<{ lastSeq: number | null }>`
    SELECT max(seq) AS "lastSeq" FROM (
      SELECT seq FROM orders
      WHERE event_id = ${eventId}::int AND seq > ${afterSeq}::bigint AND seq < ${beforeSeq}::bigint
      ORDER BY seq LIMIT ${countMax}::int) AS page`.execute(tx);
  return rows[0]?.lastSeq ?? null;
}

/**
 * The transitions of some orders in a time that an endpoint subscribes to and has no delivery of, in the order of
 * `seq`. An order has one transition today, to its decision. Further ones are rows of their own: another branch of this
 * query then, and the decision has to be read from where it stays when the status changes again.
 */
async function readMissed(
  tx: Db,
  endpointId: string,
  { types, activeSince }: Subscription,
  { from, to }: TimeRange,
  { eventId, afterSeq, beforeSeq }: EventSeqRange,
): Promise<Transition[]> {
  const type = sql<WebhookType>`'order.' || lower((${firstStatus})::text)`;
  const rows = await selectOrders(tx)
    .select([type.as("type"), sql<Date>`orders.decided_at`.as("happenedAt")])
    .where("orders.event_id", "=", eventId)
    .where("orders.seq", ">", afterSeq)
    .where("orders.seq", "<", beforeSeq)
    .where("orders.decided_at", ">=", from)
    .where("orders.decided_at", "<", to)
    .where(sql<boolean>`${type} = ANY(${types}::text[])`)
    .where(sql<boolean>`NOT EXISTS (
      SELECT FROM webhook_deliveries d
      WHERE d.order_id = orders.id AND d.endpoint_id = ${endpointId}::uuid AND d.type = ${type})`)
    .where(sql<boolean>`NOT EXISTS (
      SELECT FROM outbox
      WHERE outbox.order_id = orders.id AND outbox.type = ${type} AND outbox.created_at >= ${activeSince})`)
    .orderBy("orders.seq")
    .execute();
  return rows.map(({ type, happenedAt, ...order }) => ({ type, happenedAt, order }));
}
