// Reads the orders of an event with all that belongs to each. Each table is read on its own and the rows are put
// together here: after crashes PostgreSQL knows nothing of the tables' sizes, and joins of a large event took minutes.
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import type { StoredOrder, StoredTransition } from "./facts.ts";

type OfOrder<T> = T & Readonly<{ orderId: string }>;
type Row = Omit<StoredOrder, "history" | "ledger" | "pendingReturns" | "refunds">;

/** @param eventCode an event of the default account */
export async function readOrders(db: Db, eventCode: string): Promise<readonly StoredOrder[]> {
  const ofEvent = sql`event_id = (SELECT id FROM events WHERE code = ${eventCode})`;
  const epochMs = (time: string) => sql.raw(`extract(epoch FROM ${time})::float8 * 1000`);

  const { rows: orders } = await sql<Row>`
    SELECT o.id, o.seq, o.idempotency_key AS key, ${eventCode} AS "eventCode", o.status, o.version,
           o.customer_ref AS "customerRef", lines.requested, coalesce(o.items, lines.requested) AS items,
           ${epochMs("o.decided_at")} AS "decidedAtMs", ${epochMs("o.expires_at")} AS "expiresAtMs"
    FROM orders o CROSS JOIN LATERAL (
      SELECT coalesce(o.terms -> 'lines', jsonb_build_array(
        jsonb_build_object('ticketType', o.ticket_type, 'quantity', o.quantity))) AS requested
    ) AS lines
    WHERE ${ofEvent} ORDER BY o.seq`.execute(db);
  const { rows: history } = await sql<OfOrder<StoredTransition>>`
    SELECT order_id AS "orderId", version, from_status AS "from", to_status AS "to", ${epochMs("at")} AS "atMs",
           items AS returned
    FROM order_history WHERE ${ofEvent} ORDER BY order_id, version`.execute(db);
  const { rows: ledger } = await sql<OfOrder<StoredOrder["ledger"][number]>>`
    SELECT order_id AS "orderId", cause, ticket_type AS "ticketType", quantity
    FROM ledger WHERE ${ofEvent} AND order_id IS NOT NULL`.execute(db);
  const { rows: returns } = await sql<OfOrder<{ quantity: number }>>`
    SELECT order_id AS "orderId", quantity FROM returns WHERE ${ofEvent} AND is_stock`.execute(db);
  const { rows: refunds } = await sql<OfOrder<{ reference: string }>>`
    SELECT order_id AS "orderId", reference
    FROM payments WHERE ${ofEvent} AND outcome = 'refund-required' AND reference IS NOT NULL`.execute(db);

  const byOrder = <T>(rows: readonly OfOrder<T>[]) => {
    const groups = Map.groupBy(rows, ({ orderId }) => orderId);
    return (id: string): readonly OfOrder<T>[] => groups.get(id) ?? [];
  };
  const [historyOf, ledgerOf, returnsOf, refundsOf] = [
    byOrder(history),
    byOrder(ledger),
    byOrder(returns),
    byOrder(refunds),
  ];
  return orders.map((order) => {
    // Pools have rows of their own for the same tickets.
    const types = order.requested.map(({ ticketType }) => ticketType);
    return {
      ...order,
      history: historyOf(order.id),
      ledger: ledgerOf(order.id).filter(({ ticketType }) => types.includes(ticketType)),
      pendingReturns: returnsOf(order.id).reduce((sum, { quantity }) => sum + quantity, 0),
      refunds: refundsOf(order.id).map(({ reference }) => reference),
    };
  });
}
