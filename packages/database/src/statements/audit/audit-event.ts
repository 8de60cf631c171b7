// Reads everything that an audit of an event checks, from one snapshot. No locks. Indexes used: orders_by_event,
// ledger_by_event, holds_by_event, returns_by_event, inventory_newest, the primary key of order_history.
import type { OrderStatus } from "@onsale/contracts/order";
import { type OrderTerms, requestedLines } from "@onsale/contracts/present-order";
import { type Line, sumLines } from "@onsale/domain/decide";
import type { DecidedOrder, LedgerRow } from "@onsale/domain/replay";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOfEvent } from "../newest.ts";

export type AuditedStock = Readonly<{
  ticketType: string;
  total: number;
  allocated: number;
  /** Tickets of held and confirmed orders, archived ones too, and those that came back and are not on sale yet. */
  inOrders: number;
  /** Tickets of held orders. */
  heldInOrders: number;
  /** Tickets of holds. */
  inHolds: number;
}>;

export type AuditFacts = Readonly<{
  checkedAt: Date;
  stock: readonly AuditedStock[];
  countByStatus: Readonly<Partial<Record<OrderStatus, number>>>;
  /** Orders that share (account, key) with an earlier one. */
  duplicateKeyCount: number;
  /** Orders that are pending for longer than the promise allows. */
  overdueCount: number;
  /** Orders that are pending although a later one is decided. */
  overtakenCount: number;
  /** Orders whose version, history or times do not fit their status. */
  inconsistentCount: number;
  /** Orders that are held although their hold has expired for longer than the promise allows. */
  lingeringCount: number;
  ledger: readonly LedgerRow[];
  /** Orders that were moved to files; null when there are none. Without them the others cannot be replayed. */
  archived: Readonly<{ orders: number; digests: readonly string[] }> | null;
}>;

/** Few enough that a gateway handles a page in some milliseconds, in which it answers no request. */
const pageSize = 2_000;

/**
 * Reads every order of the event, so it needs a connection of its own with a long statement time-out.
 *
 * @param overdueMs how long an order may be pending, or held after its hold has expired
 * @param onDecided takes the decided orders of the event, page by page and by rising `seq`; what it returns is awaited
 */
export function auditEvent(
  db: Db,
  eventId: number,
  overdueMs: number,
  onDecided: (facts: AuditFacts, orders: readonly DecidedOrder[]) => unknown,
): Promise<AuditFacts> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (tx) => {
      const facts = await readFacts(tx, eventId, overdueMs);
      for (let afterSeq = 0; ; ) {
        const orders = await readDecided(tx, eventId, afterSeq);
        await onDecided(facts, orders);
        const last = orders.at(-1);
        if (last === undefined) return facts;
        afterSeq = last.seq;
      }
    });
}

async function readFacts(tx: Db, eventId: number, overdueMs: number): Promise<AuditFacts> {
  const { rows: stock } = await sql<AuditedStock>`
    SELECT i.ticket_type AS "ticketType", i.total, i.allocated,
           (coalesce(o.quantity, 0) + coalesce(r.quantity, 0) + coalesce(a.quantity, 0))::int AS "inOrders",
           coalesce(o.held, 0)::int AS "heldInOrders", coalesce(h.quantity, 0)::int AS "inHolds"
    FROM ${stockOfEvent(sql`${eventId}::int`)} AS i
    LEFT JOIN (
      SELECT ticket_type, sum(quantity) AS quantity, sum(quantity) FILTER (WHERE status = 'HELD') AS held
      FROM (${linesWithTickets(eventId)}) AS lines GROUP BY ticket_type
    ) o USING (ticket_type)
    LEFT JOIN (
      SELECT ticket_type, sum(quantity) AS quantity FROM returns
      WHERE event_id = ${eventId} AND is_stock GROUP BY ticket_type
    ) r USING (ticket_type)
    LEFT JOIN (
      SELECT ticket_type, sum(quantity) AS quantity FROM holds WHERE event_id = ${eventId} GROUP BY ticket_type
    ) h USING (ticket_type)
    LEFT JOIN (
      SELECT key AS ticket_type, sum(value::bigint) AS quantity
      FROM archives CROSS JOIN LATERAL jsonb_each_text(tickets) WHERE event_id = ${eventId} GROUP BY key
    ) a USING (ticket_type)
    ORDER BY i.ticket_type`.execute(tx);
  const { rows: counts } = await sql<{ status: OrderStatus; count: number }>`
    SELECT status, count(*) FROM orders WHERE event_id = ${eventId} GROUP BY status`.execute(tx);
  const { rows: odd } = await sql<
    Record<"duplicates" | "overdue" | "overtaken" | "inconsistent" | "lingering", number> & { now: Date }
  >`
    SELECT CASE WHEN EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_idempotency' AND contype = 'u') THEN 0
                -- The constraint makes it impossible; without it, counting takes a second per 200,000 orders.
                ELSE (SELECT count(*) - count(DISTINCT (account_id, idempotency_key))
                      FROM orders WHERE event_id = ${eventId}) END AS duplicates,
           count(*) FILTER (WHERE status = 'PENDING'
             AND created_at < now() - ${overdueMs}::float8 * interval '1 millisecond') AS overdue,
           count(*) FILTER (WHERE status = 'PENDING' AND seq < (
             SELECT max(seq) FROM orders WHERE event_id = ${eventId} AND status <> 'PENDING')) AS overtaken,
           count(*) FILTER (WHERE CASE
             WHEN status = 'PENDING' THEN version <> 1 OR decided_at IS NOT NULL
             WHEN version < 2 OR decided_at < created_at THEN true
             WHEN status IN ('HELD', 'EXPIRED') AND expires_at IS NULL THEN true
             WHEN version > 2 OR status IN ('EXPIRED', 'CANCELLED') THEN version - 2 <> (
               SELECT count(*) FROM order_history h WHERE h.order_id = orders.id)
             ELSE false END) AS inconsistent,
           count(*) FILTER (WHERE status = 'HELD'
             AND expires_at < now() - ${overdueMs}::float8 * interval '1 millisecond') AS lingering,
           now() AS now
    FROM orders WHERE event_id = ${eventId}`.execute(tx);
  const { rows: ledger } = await sql<LedgerRow>`
    SELECT ticket_type AS "ticketType", total, after_seq AS "afterSeq", cause, quantity, order_id AS "orderId",
           CASE WHEN cause = 'late-payment-refused' THEN reason END AS reason,
           detail
    FROM ledger WHERE event_id = ${eventId} ORDER BY id`.execute(tx);
  const [counted] = odd;
  if (counted === undefined) throw new Error("an aggregate returned no row");
  return {
    checkedAt: counted.now,
    stock,
    countByStatus: Object.fromEntries(counts.map(({ status, count }) => [status, count])),
    duplicateKeyCount: counted.duplicates,
    overdueCount: counted.overdue,
    overtakenCount: counted.overtaken,
    inconsistentCount: counted.inconsistent,
    lingeringCount: counted.lingering,
    ledger,
    archived: await readArchived(tx, eventId),
  };
}

async function readArchived(tx: Db, eventId: number): Promise<AuditFacts["archived"]> {
  const { rows } = await sql<{ orders: number | null; digests: string[] | null }>`
    SELECT sum((SELECT sum(value::bigint) FROM jsonb_each_text(counts)))::bigint AS orders,
           array_agg(digest ORDER BY id) AS digests
    FROM archives WHERE event_id = ${eventId}`.execute(tx);
  const { orders, digests } = rows[0] ?? {};
  return orders == null || digests == null ? null : { orders, digests };
}

/** The lines of orders that have tickets. Most orders are plain, and their columns say it. */
function linesWithTickets(eventId: number) {
  return sql`
      SELECT status, ticket_type, quantity FROM orders
      WHERE event_id = ${eventId} AND status IN ('HELD', 'CONFIRMED') AND items IS NULL AND ticket_type IS NOT NULL
      UNION ALL
      SELECT status, line ->> 'ticketType', (line ->> 'quantity')::int
      FROM orders CROSS JOIN LATERAL jsonb_array_elements(coalesce(items, terms -> 'lines')) AS line
      WHERE event_id = ${eventId} AND status IN ('HELD', 'CONFIRMED') AND (items IS NOT NULL OR ticket_type IS NULL)`;
}

/** An order as `decidedColumns` read it. */
export type DecidedRow = Readonly<{
  id: string;
  seq: number;
  customer: string | null;
  hasWaited: boolean;
  ticketType: string | null;
  quantity: number;
  terms: OrderTerms | null;
  items: readonly Line[] | null;
  status: OrderStatus;
  reason: string | null;
  /** What it gave back while it kept other tickets. */
  returned: readonly Line[] | null;
}>;

/** What a replay needs of a row of `orders`. */
export const decidedColumns = sql`
           id, seq, encode(customer, 'hex') AS customer, ticket_type AS "ticketType",
           CASE WHEN terms ? 'waitlist' THEN status = 'WAITING' OR EXISTS (
             SELECT FROM order_history h WHERE h.order_id = orders.id AND h.version = 3 AND h.from_status = 'WAITING')
           ELSE false END AS "hasWaited", quantity, terms, items, status, reason_code AS reason,
           CASE WHEN version > 2 THEN (
             SELECT json_agg(line) FROM order_history h, jsonb_array_elements(h.items) AS line
             WHERE h.order_id = orders.id) END AS returned`;

async function readDecided(tx: Db, eventId: number, afterSeq: number): Promise<DecidedOrder[]> {
  const { rows } = await sql<DecidedRow>`
    SELECT ${decidedColumns}
    FROM orders WHERE event_id = ${eventId} AND seq > ${afterSeq} AND status <> 'PENDING'
    ORDER BY event_id, seq LIMIT ${pageSize}`.execute(tx);
  return rows.map(toDecidedOrder);
}

/** An order as a replay takes it. */
export function toDecidedOrder(row: DecidedRow): DecidedOrder {
  const lines = requestedLines(row);
  const { id, seq, terms, reason } = row;
  const isRefused = row.status === "REJECTED" || row.hasWaited;
  return {
    id,
    seq,
    lines,
    allowPartial: terms?.allowPartial === true,
    waits: terms?.waitlist === true,
    customer: row.customer ?? terms?.customer ?? null,
    codeId: terms?.code ?? null,
    granted: isRefused ? null : sumLines([...(row.items ?? lines), ...(row.returned ?? [])]),
    reason,
  };
}
