// Writes a batch of decisions with the stock that they draw, and announces them, in one statement: all or nothing.
//
// Locks, in this order: the inventory rows of the batch's ticket types, the orders, the buckets. The version of an
// inventory row is the fence: of two workers with the same event, the second waits for the first one's commit, then
// finds another version, and its statement fails with SQLSTATE OS001. So a second run of the same batch writes nothing.
//
// Every ticket type of the batch gets a new version, even when all its orders were rejected: otherwise a rejection
// could be decided on stock that was raised meanwhile. The statement also writes the outbox rows, for decisions that
// some webhook endpoint subscribes to. When no endpoint is enabled, that costs one probe a batch.
//
// Indexes used: inventory_newest, buckets_newest, the primary key of events, webhook_endpoints_by_account. Orders are
// found by their place (ctid); their `seq` and status show whether the row there is still the pending order. A bucket
// that another worker writes at the same time may stay as that worker leaves it: a later batch writes it again.
import { sql } from "kysely";
import { type Decided, decidedChannel, decidedPayloads, webhooksChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import { bucketRow, nextVersion, stockOf } from "../newest.ts";

/** One ticket type of a batch. */
export type StockChange = Readonly<{
  eventId: number;
  ticketType: string;
  /** The version that the decisions were made on. */
  version: number;
  /** Tickets that the batch takes. */
  quantity: number;
  /** The `seq` of the last order for this type in the batch. */
  decidedSeq: number;
}>;

export type OrderDecision = Readonly<{
  ctid: string;
  seq: number;
  status: "CONFIRMED" | "REJECTED";
  reason: string | null;
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
 * @returns when the orders were decided, in milliseconds since 1970
 * @throws an error that `classify` calls `stock-changed` when a version or an order is no longer as it was read
 */
export async function writeDecisions(db: Db, batch: DecisionBatch): Promise<number> {
  const { stock, orders, buckets, events } = batch;
  const { rows } = await sql<{ decidedAtMs: number }>`
    WITH stock AS (
      UPDATE inventory i
      SET allocated = i.allocated + change.quantity, decided_seq = change.decided_seq, ${nextVersion(sql`i`)}
      FROM unnest(${stock.map((change) => change.eventId)}::int[],
                  ${stock.map((change) => change.ticketType)}::text[],
                  ${stock.map((change) => change.version)}::bigint[],
                  ${stock.map((change) => change.quantity)}::int[],
                  ${stock.map((change) => change.decidedSeq)}::bigint[])
           AS change (event_id, ticket_type, version, quantity, decided_seq)
      CROSS JOIN LATERAL ${stockOf(sql`ctid`, sql`change.event_id`, sql`change.ticket_type`)} AS place
      WHERE i.ctid = place.ctid AND i.version = change.version
      RETURNING i.event_id
    ), stock_changed AS MATERIALIZED (
      SELECT CASE WHEN count(*) = ${stock.length}::int THEN false ELSE raise_stock_changed() END AS is_changed
      FROM stock
    ), decided AS (
      UPDATE orders o
      SET status = decision.status, reason_code = decision.reason, decided_at = clock_timestamp(),
          version = o.version + 1
      FROM unnest(${orders.map((order) => order.ctid)}::tid[],
                  ${orders.map((order) => order.seq)}::bigint[],
                  ${orders.map((order) => order.status)}::order_status[],
                  ${orders.map((order) => order.reason)}::text[])
           AS decision (ctid, seq, status, reason)
      WHERE NOT (SELECT is_changed FROM stock_changed)
        AND o.ctid = decision.ctid AND o.seq = decision.seq AND o.status = 'PENDING'
      RETURNING o.id, o.event_id, o.seq, o.status, o.decided_at
    ), advanced AS (
      UPDATE buckets b SET decided_seq = greatest(b.decided_seq, reached.seq), ${nextVersion(sql`b`)}
      FROM unnest(${buckets.map(({ bucket }) => bucket)}::int[], ${buckets.map(({ seq }) => seq)}::bigint[])
           AS reached (bucket, seq)
      CROSS JOIN LATERAL ${bucketRow(sql`ctid`, sql`reached.bucket`)} AS place
      WHERE b.ctid = place.ctid
    ), outbox_rows AS (
      INSERT INTO outbox (order_id, type)
      SELECT decided.id, 'order.' || lower(decided.status::text)
      FROM decided
      WHERE EXISTS (SELECT FROM webhook_endpoints WHERE disabled_at IS NULL)
        AND EXISTS (
          SELECT FROM webhook_endpoints w
          WHERE w.account_id = (SELECT e.account_id FROM events e WHERE e.id = decided.event_id)
            AND w.disabled_at IS NULL AND (w.event_id IS NULL OR w.event_id = decided.event_id)
            AND 'order.' || lower(decided.status::text) = ANY(w.types))
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
