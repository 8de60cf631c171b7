// Writes a batch of decisions and the stock they take, and announces them, in one statement: all of it or nothing.
//
// Locks, in this order: the inventory rows of the batch's ticket types, then the orders. The inventory row is the
// fence: of two workers with the same event, the second waits for the first one's commit, then finds another version,
// and its statement gives itself up (SQLSTATE OS001). So a second run of the same batch writes nothing.
// Decisions that some webhook endpoint wants to hear of are put into the outbox by the same statement; a sale that nobody
// listens to pays one index probe a batch for it.
// Every ticket type of the batch gets a new version, even when all its orders were rejected: otherwise a rejection
// could be decided on stock that was raised meanwhile. Indexes used: the primary keys,
// webhook_endpoints_by_account.
import { sql } from "kysely";
import { decidedChannel, decidedPrefix, webhooksChannel } from "../channels.ts";
import type { Db } from "../client.ts";

/** One ticket type of a batch. */
export type StockChange = Readonly<{
  ticketType: string;
  /** The version that the decisions were made on. */
  version: number;
  /** Tickets that the batch takes. */
  quantity: number;
  /** The last order of the batch for this type. */
  decidedSeq: number;
}>;

export type OrderDecision = Readonly<{ id: string; status: "CONFIRMED" | "REJECTED"; reason: string | null }>;

/**
 * @param decidedSeq the last order of the whole batch
 * @returns when the orders were decided, in milliseconds since 1970
 * @throws an error that `classify` calls `stock-changed` when a version or an order is no longer as it was read
 */
export async function writeDecisions(
  db: Db,
  eventId: number,
  changes: readonly StockChange[],
  decisions: readonly OrderDecision[],
  decidedSeq: number,
): Promise<number> {
  const { rows } = await sql<{ decidedAtMs: number }>`
    WITH stock AS (
      UPDATE inventory i
      SET allocated = i.allocated + change.quantity, version = i.version + 1, decided_seq = change.decided_seq
      FROM unnest(${changes.map((change) => change.ticketType)}::text[],
                  ${changes.map((change) => change.version)}::bigint[],
                  ${changes.map((change) => change.quantity)}::int[],
                  ${changes.map((change) => change.decidedSeq)}::bigint[])
           AS change (ticket_type, version, quantity, decided_seq)
      WHERE i.event_id = ${eventId} AND i.ticket_type = change.ticket_type AND i.version = change.version
      RETURNING i.ticket_type, i.total - i.allocated AS available
    ), stock_changed AS MATERIALIZED (
      SELECT CASE WHEN count(*) = ${changes.length}::int THEN false ELSE raise_stock_changed() END AS yes FROM stock
    ), decided AS (
      UPDATE orders o
      SET status = decision.status, reason_code = decision.reason, decided_at = clock_timestamp(),
          version = o.version + 1
      FROM unnest(${decisions.map((decision) => decision.id)}::uuid[],
                  ${decisions.map((decision) => decision.status)}::order_status[],
                  ${decisions.map((decision) => decision.reason)}::text[])
           AS decision (id, status, reason)
      WHERE NOT (SELECT yes FROM stock_changed) AND o.id = decision.id AND o.status = 'PENDING'
      RETURNING o.id, o.seq, o.status, o.decided_at
    ), wanted AS (
      SELECT DISTINCT unnest(w.types) AS type
      FROM events e JOIN webhook_endpoints w ON w.account_id = e.account_id
      WHERE e.id = ${eventId} AND w.disabled_at IS NULL AND (w.event_id IS NULL OR w.event_id = e.id)
    ), told AS (
      INSERT INTO outbox (order_id, type)
      SELECT decided.id, wanted.type FROM decided JOIN wanted ON wanted.type = 'order.' || lower(decided.status::text)
      ORDER BY decided.seq
      RETURNING id
    )
    SELECT (extract(epoch FROM max(decided_at)) * 1000)::float8 AS "decidedAtMs",
           CASE WHEN count(*) = ${decisions.length}::int THEN false ELSE raise_stock_changed() END,
           pg_notify(${decidedChannel}, ${decidedPrefix({ eventId, seq: decidedSeq, count: decisions.length })} || coalesce(
             (SELECT string_agg(ticket_type, ',' ORDER BY ticket_type) FROM stock WHERE available = 0), '')),
           CASE WHEN EXISTS (SELECT FROM told) THEN pg_notify(${webhooksChannel}, '') END
    FROM decided`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("an aggregate returned no row");
  return row.decidedAtMs;
}
