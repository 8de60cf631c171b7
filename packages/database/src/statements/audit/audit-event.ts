// Reads everything that an audit of an event checks, from one snapshot. No locks. Indexes used: orders_by_event,
// inventory_totals_by_event, inventory_newest.
import type { OrderStatus } from "@onsale/contracts/order";
import type { DecidedOrder, TotalChange } from "@onsale/domain/replay";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOfEvent } from "../newest.ts";

export type AuditedStock = Readonly<{ ticketType: string; total: number; allocated: number; inOrders: number }>;

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
  /** Orders whose version or decision time does not fit their status. */
  inconsistentCount: number;
  totalChanges: readonly TotalChange[];
}>;

/** Few enough that a gateway handles a page in some milliseconds, in which it answers no request. */
const pageSize = 2_000;

/**
 * Reads every order of the event, so it needs a connection of its own with a long statement time-out.
 *
 * @param overdueMs how long an order may be pending
 * @param onDecided takes the decided orders of the event, page by page and by rising `seq`; what it returns is awaited
 */
export function auditEvent(
  db: Db,
  eventId: number,
  overdueMs: number,
  onDecided: (changes: readonly TotalChange[], orders: readonly DecidedOrder[]) => unknown,
): Promise<AuditFacts> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (tx) => {
      const facts = await readFacts(tx, eventId, overdueMs);
      for (let afterSeq = 0; ; ) {
        const orders = await readDecided(tx, eventId, afterSeq);
        await onDecided(facts.totalChanges, orders);
        const last = orders.at(-1);
        if (last === undefined) return facts;
        afterSeq = last.seq;
      }
    });
}

async function readFacts(tx: Db, eventId: number, overdueMs: number): Promise<AuditFacts> {
  const { rows: stock } = await sql<AuditedStock>`
    SELECT i.ticket_type AS "ticketType", i.total, i.allocated,
           coalesce(o.quantity, 0)::int AS "inOrders"
    FROM ${stockOfEvent(sql`${eventId}::int`)} AS i LEFT JOIN (
      SELECT ticket_type, sum(quantity) AS quantity FROM orders
      WHERE event_id = ${eventId} AND status IN ('HELD', 'CONFIRMED') GROUP BY ticket_type
    ) o USING (ticket_type)
    ORDER BY i.ticket_type`.execute(tx);
  const { rows: counts } = await sql<{ status: OrderStatus; count: number }>`
    SELECT status, count(*) FROM orders WHERE event_id = ${eventId} GROUP BY status`.execute(tx);
  const { rows: odd } = await sql<
    Record<"duplicates" | "overdue" | "overtaken" | "inconsistent", number> & { now: Date }
  >`
    SELECT CASE WHEN EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_idempotency' AND contype = 'u') THEN 0
                -- The constraint makes it impossible; without it, counting takes a second per 200,000 orders.
                ELSE (SELECT count(*) - count(DISTINCT (account_id, idempotency_key))
                      FROM orders WHERE event_id = ${eventId}) END AS duplicates,
           count(*) FILTER (WHERE status = 'PENDING'
             AND created_at < now() - ${overdueMs}::float8 * interval '1 millisecond') AS overdue,
           count(*) FILTER (WHERE status = 'PENDING' AND seq < (
             SELECT max(seq) FROM orders WHERE event_id = ${eventId} AND status <> 'PENDING')) AS overtaken,
           count(*) FILTER (WHERE CASE WHEN status = 'PENDING' THEN version <> 1 OR decided_at IS NOT NULL
                                       ELSE version < 2 OR decided_at < created_at END) AS inconsistent,
           now() AS now
    FROM orders WHERE event_id = ${eventId}`.execute(tx);
  const { rows: totalChanges } = await sql<TotalChange>`
    SELECT ticket_type AS "ticketType", total, after_seq AS "afterSeq"
    FROM inventory_totals WHERE event_id = ${eventId} ORDER BY id`.execute(tx);
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
    totalChanges,
  };
}

async function readDecided(tx: Db, eventId: number, afterSeq: number): Promise<DecidedOrder[]> {
  const { rows } = await sql<DecidedOrder>`
    SELECT seq, ticket_type AS "ticketType", quantity, status, reason_code AS reason
    FROM orders WHERE event_id = ${eventId} AND seq > ${afterSeq} AND status <> 'PENDING'
    ORDER BY event_id, seq LIMIT ${pageSize}`.execute(tx);
  return rows;
}
