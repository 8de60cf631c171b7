// Adds up what an event's transitions did to tickets, by ticket type and interval of time: a part of the numbers with
// each call, so that no snapshot becomes old. No locks. Indexes used: orders_by_event, order_history_by_event, the
// primary keys of orders and order_history.
//
// A first decision writes no history row, so it is read from its order: with the status that its first later transition
// began with, and with the tickets that it has given back since. A later transition moves the tickets that its order
// had then: those that it has now, and those that it gave back afterwards. Most orders never had other tickets than
// they asked for, and their columns say it; only the others are taken apart (`isPlain`).
//
// A page of 5,000 plain orders took 40 ms, one of orders that were held and confirmed 100 ms, on a machine whose cores
// other programs kept busy (docs/performance.md).
import type { OrderStatus } from "@onsale/contracts/order";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import type { NumberRange } from "../orders/export-orders.ts";

/** Transitions of one kind that did something to tickets of one type in one interval. */
export type SalesRow = Readonly<{
  /** The beginning of the interval, in seconds since 1970. */
  startSeconds: number;
  from: OrderStatus;
  to: OrderStatus;
  /** Whether the orders gave tickets back and kept others. */
  isPartial: boolean;
  /** Of rejections. */
  reason: string | null;
  ticketType: string;
  tickets: number;
  /** The price of the tickets, in the minor unit of the currency; null when they have none. */
  amount: number | null;
  currency: string | null;
  /** Transitions that moved tickets of this type. */
  transitionCount: number;
  /** Transitions whose first line this is: a sum over all rows counts each transition once. */
  orderCount: number;
}>;

export type SalesPage = Readonly<{ rows: readonly SalesRow[]; through: number }>;

export type SalesQuery = Readonly<{
  eventId: number;
  /** Transitions from this time on; null from the beginning. */
  from: Date | null;
  /** Transitions before this time; null until now. */
  to: Date | null;
  intervalSeconds: number;
}>;

const isPlain = sql`o.items IS NULL AND o.ticket_type IS NOT NULL`;

/** The tickets that an order has, as an array of lines. */
const ownLines = sql`coalesce(o.items, o.terms -> 'lines', jsonb_build_array(
              jsonb_build_object('ticketType', o.ticket_type, 'quantity', o.quantity)))`;

/** The tickets that an order gave back after one of its versions, as an array of lines. */
const linesReturnedAfter = (version: RawBuilder<unknown>) => sql`coalesce((
              SELECT jsonb_agg(line) FROM order_history r CROSS JOIN LATERAL jsonb_array_elements(r.items) AS line
              WHERE r.order_id = o.id AND r.version > ${version} AND r.items IS NOT NULL), '[]')`;

const firstTo = sql`CASE WHEN o.version = 2 THEN o.status ELSE coalesce((
              SELECT h.from_status FROM order_history h WHERE h.order_id = o.id AND h.version = 3), o.status) END`;

/**
 * @param range all transitions up to `through` must be visible (decided-horizon.ts)
 * @param countMax orders and later transitions of a page, of each at most
 */
export async function summariseSales(
  db: Db,
  { eventId, from, to, intervalSeconds }: SalesQuery,
  { after, through }: NumberRange,
  countMax: number,
): Promise<SalesPage> {
  const isIn = (table: RawBuilder<unknown>) =>
    sql`${table}.event_id = ${eventId}::int AND ${table}.seq > ${after}::bigint AND ${table}.seq <= page.through`;
  const endOf = (table: RawBuilder<unknown>) => sql`(
        SELECT seq FROM ${table} WHERE event_id = ${eventId}::int AND seq > ${after}::bigint
        ORDER BY event_id, seq OFFSET ${countMax - 1}::int LIMIT 1)`;
  const { rows } = await sql<SalesRow & { through: number }>`
    WITH page AS MATERIALIZED (
      SELECT least(${through}::bigint, ${endOf(sql`orders`)}, ${endOf(sql`order_history`)}) AS through
    ), first_decision AS MATERIALIZED (
      SELECT o.id, o.decided_at AS at, ${firstTo} AS to_status, o.reason_code AS reason, o.ticket_type, o.quantity,
             o.terms, o.items, ${isPlain} AS is_plain
      FROM page, orders o
      WHERE ${isIn(sql`o`)} AND (${from}::timestamptz IS NULL OR o.decided_at >= ${from}::timestamptz)
        AND (${to}::timestamptz IS NULL OR o.decided_at < ${to}::timestamptz)
    ), later AS MATERIALIZED (
      SELECT o.id, h.at, h.from_status, h.to_status, h.version, h.items AS returned, o.ticket_type, o.quantity, o.terms,
             o.items, ${isPlain} AND h.items IS NULL AS is_plain
      FROM page, order_history h
      CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.id = h.order_id OFFSET 0) AS o
      WHERE ${isIn(sql`h`)} AND (h.from_status <> h.to_status OR h.items IS NOT NULL)
        AND (${from}::timestamptz IS NULL OR h.at >= ${from}::timestamptz)
        AND (${to}::timestamptz IS NULL OR h.at < ${to}::timestamptz)
    ), moved AS (
      SELECT at, 'PENDING'::order_status AS from_status, to_status, false AS is_partial, reason, ticket_type, quantity,
             terms, 1 AS place
      FROM first_decision WHERE is_plain
      UNION ALL
      SELECT o.at, 'PENDING', o.to_status, false, o.reason, line.value ->> 'ticketType',
             (line.value ->> 'quantity')::int, o.terms, line.place
      FROM first_decision o CROSS JOIN LATERAL jsonb_array_elements(${ownLines} || ${linesReturnedAfter(sql`2`)})
             WITH ORDINALITY AS line (value, place)
      WHERE NOT o.is_plain
      UNION ALL
      SELECT at, from_status, to_status, false, NULL, ticket_type, quantity, terms, 1 FROM later WHERE is_plain
      UNION ALL
      SELECT o.at, o.from_status, o.to_status, o.returned IS NOT NULL, NULL, line.value ->> 'ticketType',
             (line.value ->> 'quantity')::int, o.terms, line.place
      FROM later o CROSS JOIN LATERAL jsonb_array_elements(
             CASE WHEN o.returned IS NOT NULL THEN o.returned
                  ELSE ${ownLines} || ${linesReturnedAfter(sql`o.version`)} END)
             WITH ORDINALITY AS line (value, place)
      WHERE NOT o.is_plain
    ), summed AS (
      SELECT (floor(extract(epoch FROM at) / ${intervalSeconds}::int) * ${intervalSeconds}::int)::float8
               AS "startSeconds",
             from_status AS "from", to_status AS "to", is_partial AS "isPartial", reason, ticket_type AS "ticketType",
             terms -> 'prices' -> ticket_type ->> 'currency' AS currency, sum(quantity) AS tickets,
             sum(quantity * (terms -> 'prices' -> ticket_type ->> 'amount')::bigint)::bigint AS amount,
             count(*) AS "transitionCount", count(*) FILTER (WHERE place = 1) AS "orderCount"
      FROM moved GROUP BY 1, 2, 3, 4, 5, 6, 7
    )
    SELECT summed.*, page.through FROM page LEFT JOIN summed ON true`.execute(db);
  return {
    rows: rows.filter(({ ticketType }) => ticketType !== null).map(({ through: _, ...row }) => row),
    through: rows[0]?.through ?? through,
  };
}
