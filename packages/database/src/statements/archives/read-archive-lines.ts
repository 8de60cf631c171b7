// Reads what an archive has, as lines of JSON that are written as they come. Each page is a statement of its own, so
// that no snapshot gets old. No locks. Indexes used: the primary keys, orders_by_event, ledger_by_event,
// payments_by_order, webhook_deliveries_by_order. A row is archived with all of its columns, so that
// `jsonb_populate_record` can put it back.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { decidedColumns } from "../audit/audit-event.ts";

export type ArchiveLine = Readonly<{
  /** Where the next page begins: after this. */
  place: number;
  line: string;
}>;

/** The event itself. */
export async function readEventLine(db: Db, eventId: number): Promise<string> {
  const { rows } = await sql<{ line: string }>`
    SELECT json_build_object(
             'kind', 'event', 'format', 1, 'at', now(), 'event', to_jsonb(e),
             'archivedBefore', (SELECT coalesce(sum(order_count), 0) FROM archives a WHERE a.event_id = e.id))::text
             AS line
    FROM events e WHERE e.id = ${eventId}::int`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the event does not exist");
  return row.line;
}

/** The ledger, oldest first. */
export async function readLedgerLines(
  db: Db,
  eventId: number,
  afterId: number,
  countMax: number,
): Promise<ArchiveLine[]> {
  const { rows } = await sql<ArchiveLine>`
    SELECT id AS place, json_build_object('kind', 'ledger', 'row', to_jsonb(ledger))::text AS line
    FROM ledger WHERE event_id = ${eventId}::int AND id > ${afterId}::bigint
    ORDER BY event_id, id LIMIT ${countMax}::int`.execute(db);
  return rows;
}

/** The orders by rising `seq`, each with its history and payments, and with what became of the webhooks about it. */
export async function readOrderLines(
  db: Db,
  eventId: number,
  afterSeq: number,
  countMax: number,
): Promise<ArchiveLine[]> {
  const { rows } = await sql<ArchiveLine>`
    SELECT seq AS place, json_build_object(
             'kind', 'order', 'row', to_jsonb(orders),
             'decided', (SELECT to_jsonb(d) FROM (SELECT ${decidedColumns}) AS d),
             'history', (SELECT coalesce(json_agg(to_jsonb(h) ORDER BY h.version), '[]')
                         FROM order_history h WHERE h.order_id = orders.id),
             'payments', (SELECT coalesce(json_agg(to_jsonb(p) ORDER BY p.id), '[]')
                          FROM payments p WHERE p.order_id = orders.id),
             'deliveries', (SELECT coalesce(json_agg(json_build_object(
                              'id', w.id, 'endpoint', w.endpoint_id, 'type', w.type, 'status', w.status,
                              'attempts', w.attempt_count, 'createdAt', w.created_at, 'finishedAt', w.finished_at)
                              ORDER BY w.seq), '[]')
                            FROM webhook_deliveries w WHERE w.order_id = orders.id))::text AS line
    FROM orders WHERE event_id = ${eventId}::int AND seq > ${afterSeq}::bigint
    ORDER BY event_id, seq LIMIT ${countMax}::int`.execute(db);
  return rows;
}

/** The stock of the event, pools among it. */
export async function readStockLines(db: Db, eventId: number): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    SELECT json_build_object('kind', 'stock', 'row', to_jsonb(inventory))::text AS line
    FROM inventory WHERE event_id = ${eventId}::int ORDER BY ticket_type`.execute(db);
  return rows.map(({ line }) => line);
}
