// Writes a batch of decisions with the stock that they draw, and announces them, in one statement: all or nothing.
//
// Locks, in this order: the inventory rows of the batch's ticket types and pools, the orders, the buckets. The version
// of an inventory row is the fence: of two workers with the same event, the second waits for the first one's commit,
// then finds another version, and its statement fails with SQLSTATE OS001. So a second run of the same batch writes
// nothing.
//
// Every ticket type of the batch gets a new version, even when all its orders were rejected: otherwise a rejection
// could be decided on stock that was raised meanwhile. The statement also writes the outbox rows, for decisions that
// some webhook endpoint subscribes to. When no endpoint is enabled, that costs one probe a batch.
//
// Late payments of the batch draw stock here as well; write-late-payments.ts writes the rest in the same transaction.
//
// Indexes used: inventory_newest, buckets_newest, the primary key of events, webhook_endpoints_by_account. Orders are
// found by their place (ctid); their `seq` and status show whether the row there is still the pending order. A bucket
// that another worker writes at the same time may stay as that worker leaves it: a later batch writes it again.
import type { Line, Shortage } from "@onsale/domain/decide";
import { sql } from "kysely";
import { type Decided, decidedChannel, decidedPayloads, webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { bucketRow, nextVersion, stockOf } from "../newest.ts";

/** One ticket type or pool of a batch. */
export type StockChange = Readonly<{
  eventId: number;
  ticketType: string;
  /** The version that the decisions were made on. */
  version: number;
  /** Tickets that the batch takes. */
  quantity: number;
  /** Lines of orders that begin to wait for it. */
  waiting: number;
  /** The `seq` of the last entry for this type in the batch. */
  decidedSeq: number;
}>;

export type OrderDecision = Readonly<{
  id: string;
  ctid: string;
  seq: number;
  eventId: number;
  status: "HELD" | "CONFIRMED" | "REJECTED" | "WAITING";
  reason: string | null;
  /** Of a held order: for how long. */
  holdSeconds: number | null;
  /** What was granted; empty when the order is rejected. */
  granted: readonly Line[];
  /** Whether the order asks for several ticket types. */
  isBasket: boolean;
  /** What the order has, when it was granted only a part, or is of an event with rules (0014_rules.sql). */
  items: readonly Line[] | null;
  /** What was short, when that does not follow from the order and its reason. */
  shortages: readonly Shortage[];
}>;

export type DecisionBatch = Readonly<{
  stock: readonly StockChange[];
  orders: readonly OrderDecision[];
  /** The last order of the batch in each of its buckets; all orders before it are decided. */
  buckets: readonly Readonly<{ bucket: number; seq: number }>[];
  /** What the batch does to each of its events. */
  events: readonly Decided[];
}>;

/**
 * @returns when the orders were decided, in milliseconds since 1970; null when the batch has none
 * @throws an error that `classify` calls `stock-changed` when a version or an order is no longer as it was read
 */
export async function writeDecisions(db: Db, batch: DecisionBatch): Promise<number | null> {
  const { stock, orders, buckets, events } = batch;
  const held = orders
    .filter(({ status }) => status === "HELD")
    .flatMap(({ id, granted }) => granted.map((line) => ({ id, ...line })));
  const { rows } = await sql<{ decidedAtMs: number | null }>`
    WITH stock AS (
      UPDATE inventory i
      SET allocated = i.allocated + change.quantity, waiting = i.waiting + change.waiting,
          decided_seq = change.decided_seq, ${nextVersion(sql`i`)}
      FROM unnest(${stock.map((change) => change.eventId)}::int[],
                  ${stock.map((change) => change.ticketType)}::text[],
                  ${stock.map((change) => change.version)}::bigint[],
                  ${stock.map((change) => change.quantity)}::int[],
                  ${stock.map((change) => change.waiting)}::int[],
                  ${stock.map((change) => change.decidedSeq)}::bigint[])
           AS change (event_id, ticket_type, version, quantity, waiting, decided_seq)
      CROSS JOIN LATERAL ${stockOf(sql`ctid`, sql`change.event_id`, sql`change.ticket_type`)} AS place
      WHERE i.ctid = place.ctid AND i.version = change.version
      RETURNING i.event_id
    ), now AS MATERIALIZED (
      SELECT CASE WHEN count(*) = ${stock.length}::int THEN clock_timestamp()
                  WHEN raise_stock_changed() THEN NULL END AS at
      FROM stock
    ), decided AS (
      UPDATE orders o
      SET status = decision.status, reason_code = decision.reason, decided_at = now.at, version = o.version + 1,
          items = decision.items::jsonb, shortage = decision.shortage::jsonb,
          expires_at = now.at + decision.hold_seconds * interval '1 second'
      FROM now, unnest(${orders.map((order) => order.ctid)}::tid[],
                  ${orders.map((order) => order.seq)}::bigint[],
                  ${orders.map((order) => order.status)}::order_status[],
                  ${orders.map((order) => order.reason)}::text[],
                  ${orders.map((order) => order.holdSeconds)}::int[],
                  ${orders.map((order) => (order.items === null ? null : JSON.stringify(order.items)))}::text[],
                  ${orders.map(shortageText)}::text[])
           AS decision (ctid, seq, status, reason, hold_seconds, items, shortage)
      WHERE o.ctid = decision.ctid AND o.seq = decision.seq AND o.status = 'PENDING'
      RETURNING o.id, o.event_id, o.seq, o.status, o.decided_at, o.version, o.items, o.expires_at
    ), hold_rows AS (
      INSERT INTO holds (order_id, ticket_type, event_id, quantity, expires_at)
      SELECT decided.id, line.ticket_type, decided.event_id, line.quantity, decided.expires_at
      FROM unnest(${held.map(({ id }) => id)}::uuid[], ${held.map(({ ticketType }) => ticketType)}::text[],
                  ${held.map(({ quantity }) => quantity)}::int[]) AS line (order_id, ticket_type, quantity)
      JOIN decided ON decided.id = line.order_id
    ), advanced AS (
      UPDATE buckets b SET decided_seq = greatest(b.decided_seq, reached.seq), ${nextVersion(sql`b`)}
      FROM unnest(${buckets.map(({ bucket }) => bucket)}::int[], ${buckets.map(({ seq }) => seq)}::bigint[])
           AS reached (bucket, seq)
      CROSS JOIN LATERAL ${bucketRow(sql`ctid`, sql`reached.bucket`)} AS place
      WHERE b.ctid = place.ctid
    ), outbox_rows AS (
      INSERT INTO outbox (order_id, type, version, status, items, expires_at)
      SELECT decided.id, ${typeOfFact}, decided.version, decided.status, decided.items,
             decided.expires_at
      FROM decided
      WHERE EXISTS (SELECT FROM webhook_endpoints WHERE disabled_at IS NULL)
        AND EXISTS (
          SELECT FROM webhook_endpoints w
          WHERE w.account_id = (SELECT e.account_id FROM events e WHERE e.id = decided.event_id)
            AND w.disabled_at IS NULL AND (w.event_id IS NULL OR w.event_id = decided.event_id)
            AND ${typeOfFact} = ANY(w.types))
      ORDER BY decided.seq
      RETURNING id
    )
    SELECT (extract(epoch FROM max(decided_at)) * 1000)::float8 AS "decidedAtMs",
           CASE WHEN count(*) = ${orders.length}::int THEN false ELSE raise_stock_changed() END,
           (SELECT count(pg_notify(${decidedChannel}, payload))
            FROM unnest(${decidedPayloads(events)}::text[]) AS payload),
           CASE WHEN EXISTS (SELECT FROM outbox_rows) THEN pg_notify(${webhooksChannel}, '') END
    FROM decided`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("an aggregate returned no row");
  return row.decidedAtMs;
}

const typeOfFact = sql`CASE decided.status::text WHEN 'WAITING' THEN 'order.waitlisted'
                                                  ELSE 'order.' || lower(decided.status::text) END`;

/** Most rejected orders are plain ones that found nothing left, which their reason says already. */
function shortageText({ shortages, reason, isBasket }: OrderDecision): string | null {
  const [first] = shortages;
  if (first === undefined || (reason === "sold-out" && !isBasket && first.counter === first.ticketType)) return null;
  return JSON.stringify(shortages);
}
