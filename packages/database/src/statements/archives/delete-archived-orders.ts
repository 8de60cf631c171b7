// Deletes orders that are in a verified archive, with their history, payments and deliveries, and counts them in the
// archive's row with the same commit, so that the audit's figures agree at every moment.
//
// An order is deleted only as the file has it: with the same version and payments, and with no webhook about it still
// on the way. Locks: the archive's row, so that two runs do not count an order twice; then the orders' rows, by rising
// id, which keeps transitions away. The second statement begins after the locks are held, so it sees what the
// transactions before have committed. Indexes used: the primary keys, payments_by_order, webhook_deliveries_by_order;
// the outbox is short. A second run deletes nothing.
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";

/** An order as the file has it. */
export type ArchivedOrder = Readonly<{ id: string; version: number; paymentCount: number }>;

/** @returns how many were deleted */
export function deleteArchivedOrders(db: Db, archiveId: number, orders: readonly ArchivedOrder[]): Promise<number> {
  const column = <K extends keyof ArchivedOrder>(name: K) => sql`${orders.map((order) => order[name])}`;
  return db.transaction().execute(async (tx) => {
    await sql`SELECT FROM archives WHERE id = ${archiveId}::bigint FOR UPDATE`.execute(tx);
    await sql`SELECT FROM orders WHERE id = ANY(${column("id")}::uuid[]) ORDER BY id FOR UPDATE`.execute(tx);
    const { rows } = await sql<{ count: number }>`
      WITH gone AS (
        DELETE FROM orders
        USING unnest(${column("id")}::uuid[], ${column("version")}::int[], ${column("paymentCount")}::int[])
          AS archived (id, version, payment_count)
        WHERE orders.id = archived.id AND orders.version = archived.version
          AND orders.status NOT IN ('PENDING', 'HELD', 'WAITING')
          AND (SELECT count(*) FROM payments p WHERE p.order_id = orders.id) = archived.payment_count
          AND NOT EXISTS (SELECT FROM outbox b WHERE b.order_id = orders.id)
          AND NOT EXISTS (
            SELECT FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id
            WHERE d.order_id = orders.id AND d.status = 'PENDING' AND w.disabled_at IS NULL)
        RETURNING orders.*
      ), history AS (
        DELETE FROM order_history h USING gone WHERE h.order_id = gone.id
      ), payment AS (
        DELETE FROM payments p USING gone WHERE p.order_id = gone.id
      ), delivery AS (
        DELETE FROM webhook_deliveries d USING gone WHERE d.order_id = gone.id
      ), forgotten AS (
        DELETE FROM forgotten_orders f USING gone
        WHERE f.event_id = gone.event_id AND f.customer = gone.customer AND f.order_id = gone.id
      ), tickets AS (
        SELECT ticket_type AS name, quantity AS figure FROM gone
        WHERE status = 'CONFIRMED' AND items IS NULL AND ticket_type IS NOT NULL
        UNION ALL
        SELECT line ->> 'ticketType', (line ->> 'quantity')::int
        FROM gone CROSS JOIN LATERAL jsonb_array_elements(coalesce(items, terms -> 'lines')) AS line
        WHERE status = 'CONFIRMED' AND (items IS NOT NULL OR ticket_type IS NULL)
      )
      UPDATE archives SET
        counts = ${sumOf(sql`archives.counts`, sql`SELECT status::text AS name, 1 AS figure FROM gone`)},
        tickets = ${sumOf(sql`archives.tickets`, sql`SELECT name, figure FROM tickets`)}
      WHERE id = ${archiveId}::bigint
      RETURNING (SELECT count(*) FROM gone) AS count`.execute(tx);
    return rows[0]?.count ?? 0;
  });
}

/** An object of figures, with those of further rows added. */
function sumOf(figures: RawBuilder<unknown>, rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
          SELECT coalesce(jsonb_object_agg(name, figure), '{}') FROM (
            SELECT name, sum(figure) AS figure FROM (
              SELECT key AS name, value::bigint AS figure FROM jsonb_each_text(${figures})
              UNION ALL ${rows}
            ) AS each GROUP BY name) AS summed)`;
}
