// Makes the deliveries that an endpoint has missed, because it was disabled or not registered yet: one for each fact
// that it subscribes to and has no delivery of. Works on one page of an event's orders, later transitions or refunds
// (fact-sources.ts).
//
// Locks: that of delivery-bodies.ts, shared; the endpoint's row (FOR NO KEY UPDATE), so that two runs do not make the
// same delivery, and the subscription stays as it was read. The relay is not blocked. A fact that it has not relayed
// yet is left to it, if it will make the delivery: one statement reads the outbox and the deliveries, and so sees the
// fact in one of them. Indexes used: those of fact-sources.ts, the primary key of orders, webhook_deliveries_by_order;
// the outbox is short. A second run makes nothing.

import { requestedLines } from "@onsale/contracts/present-order";
import type { WebhookType } from "@onsale/contracts/webhook";
import type { WebhookDetail } from "@onsale/contracts/webhook-body";
import { type LaterTransition, orderAt } from "@onsale/domain/past-order";
import { sql } from "kysely";
import { webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { type OrderRow, selectOrders } from "../orders/order-row.ts";
import { takeMissedLock } from "./delivery-bodies.ts";
import { type FactSourceName, factSources } from "./fact-sources.ts";
import type { EventSeqRange, TimeRange } from "./find-seq-ranges.ts";
import { insertDeliveries } from "./insert-deliveries.ts";
import type { Fact } from "./relay-outbox.ts";

export type CreatedDeliveries = Readonly<{
  count: number;
  /** The last `seq` of the page; null when nothing was left. */
  lastSeq: number | null;
}>;

type Subscription = Readonly<{ types: readonly WebhookType[]; eventId: number | null; activeSince: Date }>;

/**
 * @param countMax rows of the page, missed or not
 * @returns nothing made and nothing left when the endpoint is disabled or deleted
 */
export function createMissedDeliveries(
  db: Db,
  endpointId: string,
  source: FactSourceName,
  time: TimeRange,
  range: EventSeqRange,
  countMax: number,
  bodyOf: (fact: Fact) => string,
): Promise<CreatedDeliveries> {
  return db.transaction().execute(async (tx) => {
    await takeMissedLock(tx);
    const subscription = await lockSubscription(tx, endpointId);
    if (subscription === undefined) return { count: 0, lastSeq: null };
    const { eventId } = subscription;
    if (eventId !== null && eventId !== range.eventId) return { count: 0, lastSeq: null };
    const lastSeq = await findLastSeq(tx, source, range, countMax);
    if (lastSeq === null) return { count: 0, lastSeq };
    const page = { ...range, beforeSeq: lastSeq + 1 };
    const missed = await readMissed(tx, endpointId, source, subscription, time, page);
    if (missed.length > 0) {
      const transitions = await readTransitions(tx, missed);
      const deliveries = missed.map((row) => {
        const fact = toFact(row, transitions.get(row.id) ?? []);
        return { endpointId, outboxId: null, orderId: row.id, type: row.type, body: bodyOf(fact) };
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

async function findLastSeq(
  tx: Db,
  source: FactSourceName,
  { eventId, afterSeq, beforeSeq }: EventSeqRange,
  countMax: number,
) {
  const { rows } = await sql<{ lastSeq: number | null }>`
    SELECT max(seq) AS "lastSeq" FROM (
      SELECT seq FROM ${factSources[source].rows}
      WHERE event_id = ${eventId}::int AND seq > ${afterSeq}::bigint AND seq < ${beforeSeq}::bigint
      ORDER BY seq LIMIT ${countMax}::int) AS page`.execute(tx);
  return rows[0]?.lastSeq ?? null;
}

/** A fact with its order as it is now. */
type MissedRow = OrderRow &
  Readonly<{ type: WebhookType; happenedAt: Date; factVersion: number; detail: WebhookDetail | null }>;

/** Facts of which an order can have several: each is told apart by the order's version, or by the payment. */
const isSameFact = {
  delivery: sql`CASE orders.type
        WHEN 'order.cancelled' THEN d.body::jsonb #>> '{data,order,version}' = orders.fact_version::text
        WHEN 'order.refund_required'
          THEN d.body::jsonb #>> '{data,paymentReference}' = orders.detail ->> 'paymentReference'
        ELSE true END`,
  outbox: sql`CASE orders.type
        WHEN 'order.cancelled' THEN outbox.version = orders.fact_version
        WHEN 'order.refund_required' THEN outbox.detail ->> 'paymentReference' = orders.detail ->> 'paymentReference'
        ELSE true END`,
};

/** The facts of a page and a time that an endpoint subscribes to and has no delivery of, in the order of `seq`. */
function readMissed(
  tx: Db,
  endpointId: string,
  source: FactSourceName,
  { types, activeSince }: Subscription,
  { from, to }: TimeRange,
  { eventId, afterSeq, beforeSeq }: EventSeqRange,
): Promise<MissedRow[]> {
  const read = tx.with(
    "orders",
    () => sql<never>`(
      SELECT found.*, fact.seq AS fact_seq, fact.version AS fact_version, fact.type, fact.at, fact.detail
      FROM (${factSources[source].facts}) AS fact
      CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.id = fact.order_id OFFSET 0) AS found
      WHERE fact.event_id = ${eventId}::int AND fact.seq > ${afterSeq}::bigint AND fact.seq < ${beforeSeq}::bigint
        AND fact.at >= ${from} AND fact.at < ${to} AND fact.type = ANY(${types}::text[]))`,
  );
  return selectOrders(read)
    .select([sql<WebhookType>`orders.type`.as("type"), sql<Date>`orders.at`.as("happenedAt")])
    .select([sql<number>`orders.fact_version`.as("factVersion"), sql<WebhookDetail | null>`orders.detail`.as("detail")])
    .where(sql<boolean>`NOT EXISTS (
      SELECT FROM webhook_deliveries d
      WHERE d.order_id = orders.id AND d.endpoint_id = ${endpointId}::uuid AND d.type = orders.type
        AND ${isSameFact.delivery})`)
    .where(sql<boolean>`NOT EXISTS (
      SELECT FROM outbox
      WHERE outbox.order_id = orders.id AND outbox.type = orders.type AND outbox.created_at >= ${activeSince}
        AND ${isSameFact.outbox})`)
    .orderBy(sql`orders.fact_seq`)
    .execute();
}

type TransitionRow = LaterTransition & Readonly<{ orderId: string }>;

/** The transitions after the first decisions of these orders, by order and by rising version. */
async function readTransitions(tx: Db, orders: readonly OrderRow[]): Promise<Map<string, TransitionRow[]>> {
  const changed = orders.filter(({ version }) => version > 2).map(({ id }) => id);
  if (changed.length === 0) return new Map();
  const { rows } = await sql<TransitionRow>`
    SELECT order_id AS "orderId", version, from_status AS "from", to_status AS "to", items FROM order_history
    WHERE order_id = ANY(${[...new Set(changed)]}::uuid[]) ORDER BY order_id, version`.execute(tx);
  return Map.groupBy(rows, ({ orderId }) => orderId);
}

function toFact(row: MissedRow, transitions: readonly LaterTransition[]): Fact {
  const { type, happenedAt, factVersion, detail, ...now } = row;
  const order = orderAt(now, transitions, factVersion);
  const cancelledItems = detail?.cancelledItems ?? order.items ?? requestedLines(order);
  return { type, happenedAt, order, detail: type === "order.cancelled" ? { ...detail, cancelledItems } : detail };
}
