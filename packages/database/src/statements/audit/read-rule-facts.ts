// Reads what an audit checks of an event's pools, customers and access codes. No locks. Indexes used: inventory_newest,
// the primary key of customer_counters, access_codes_by_event, orders_by_event, returns_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { poolsOfEvent, stockOfEvent } from "../newest.ts";

export type AuditedPool = Readonly<{
  /** The counter's name: `pool:HALL`, or `event`. */
  name: string;
  total: number;
  allocated: number;
  /** What the ticket types that draw on it have together. */
  inTypes: number;
}>;

/** A counter that differs from the orders. */
export type Miscount = Readonly<{
  /** How many such counters there are. */
  count: number;
  /** The ticket type, empty for the whole event; of a code, its id. */
  scope: string;
  used: number;
  inOrders: number;
}>;

export type RuleFacts = Readonly<{
  /** All pools; an event without rules has none. */
  pools: readonly AuditedPool[];
  /** Some of the customers' counters that are wrong. */
  customers: readonly Miscount[];
  /** Some of the access codes that are wrong. */
  codes: readonly Miscount[];
}>;

const exampleCountMax = 5;
const noRules: RuleFacts = Object.freeze({ pools: [], customers: [], codes: [] });

/** @param tx the audit's snapshot */
export async function readRuleFacts(tx: Db, eventId: number): Promise<RuleFacts> {
  const { rows: pools } = await sql<AuditedPool>`
    SELECT pool.ticket_type AS name, pool.total, pool.allocated, coalesce(sum(type.allocated), 0)::int AS "inTypes"
    FROM ${poolsOfEvent(sql`${eventId}::int`)} AS pool
    LEFT JOIN ${stockOfEvent(sql`${eventId}::int`)} AS type ON pool.ticket_type = ANY(type.pools)
    GROUP BY pool.ticket_type, pool.total, pool.allocated ORDER BY pool.ticket_type`.execute(tx);
  if (pools.length === 0) return noRules;
  return { pools, customers: await readCustomers(tx, eventId), codes: await readCodes(tx, eventId) };
}

/**
 * Compares the counters of customers with their orders, and with returns that the lane has not applied. Nobody counts
 * customers that have no counter. Both sides are grouped together: a join of them became a nested loop over 100,000
 * customers when PostgreSQL had not analysed the table yet.
 */
async function readCustomers(tx: Db, eventId: number): Promise<readonly Miscount[]> {
  const { rows } = await sql<Miscount>`
    WITH counted AS MATERIALIZED (
      SELECT customer, ticket_type AS scope, used FROM customer_counters WHERE event_id = ${eventId}::int
    ), own AS MATERIALIZED (
      SELECT id, coalesce(customer, decode(terms ->> 'customer', 'hex')) AS customer,
             CASE WHEN status IN ('WAITING', 'HELD', 'CONFIRMED')
                  THEN coalesce(items, terms -> 'lines', jsonb_build_array(
                    jsonb_build_object('ticketType', ticket_type, 'quantity', quantity)))
                  ELSE '[]' END AS items
      FROM orders
      WHERE event_id = ${eventId}::int AND (customer IS NOT NULL OR terms ? 'customer')
        AND EXISTS (SELECT FROM counted)
    ), lines AS (
      SELECT customer, line ->> 'ticketType' AS ticket_type, (line ->> 'quantity')::int AS quantity
      FROM own CROSS JOIN LATERAL jsonb_array_elements(items) AS line
      UNION ALL
      SELECT own.customer, r.ticket_type, r.quantity
      FROM returns r JOIN own ON own.id = r.order_id WHERE r.event_id = ${eventId}::int
    ), compared AS (
      SELECT customer, scope, sum(used)::int AS used, coalesce(sum(quantity), 0)::int AS quantity
      FROM (
        SELECT customer, scope, used, NULL AS quantity FROM counted
        UNION ALL
        SELECT customer, scope, NULL, quantity
        FROM lines CROSS JOIN LATERAL unnest(ARRAY['', ticket_type]) AS scope
      ) AS counters
      GROUP BY customer, scope
    )
    SELECT count(*) OVER ()::int AS count, scope, used, quantity AS "inOrders"
    FROM compared
    WHERE used <> quantity
    ORDER BY customer, scope LIMIT ${exampleCountMax}::int`.execute(tx);
  return rows;
}

/**
 * Compares the uses of codes with the orders that have not ended, and with those whose end the lane has not applied.
 */
async function readCodes(tx: Db, eventId: number): Promise<readonly Miscount[]> {
  const { rows } = await sql<Miscount>`
    WITH counted AS MATERIALIZED (
      SELECT id, used FROM access_codes WHERE event_id = ${eventId}::int
    ), own AS (
      SELECT (terms ->> 'code')::bigint AS id, count(*)::int AS quantity
      FROM orders o
      WHERE o.event_id = ${eventId}::int AND terms ? 'code' AND EXISTS (SELECT FROM counted)
        AND (status IN ('WAITING', 'HELD', 'CONFIRMED') OR o.id IN (
          SELECT order_id FROM returns r WHERE r.event_id = ${eventId}::int AND r.ends_order))
      GROUP BY 1
    )
    SELECT count(*) OVER ()::int AS count, id::text AS scope, used, coalesce(quantity, 0) AS "inOrders"
    FROM counted LEFT JOIN own USING (id)
    WHERE used <> coalesce(quantity, 0)
    ORDER BY id LIMIT ${exampleCountMax}::int`.execute(tx);
  return rows;
}
