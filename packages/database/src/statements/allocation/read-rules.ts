// Reads what the lane needs to know of events with rules, after their counters: what these statements return is true
// for the version of the pool `event` that was read before, or else the write finds another version. No locks.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type EventRules = Readonly<{
  eventId: number;
  accountId: number;
  maxPerCustomer: number | null;
  isStrict: boolean;
  offerSeconds: number;
  /** Whether the sale of the whole event has ended. */
  isSaleEnded: boolean;
}>;

/** Index used: the primary key of events. */
export async function readEventRules(db: Db, eventIds: readonly number[]): Promise<EventRules[]> {
  const { rows } = await sql<EventRules>`
    SELECT id AS "eventId", account_id AS "accountId", max_per_customer AS "maxPerCustomer", waitlist_policy = 'strict' AS "isStrict",
           offer_seconds AS "offerSeconds", coalesce(sales_end <= clock_timestamp(), false) AS "isSaleEnded"
    FROM events WHERE id = ANY(${eventIds}::int[])`.execute(db);
  return rows;
}

/** The customer of an order whose terms do not name one; `customer` in hexadecimal. */
export type CustomerOfOrder = Readonly<{ orderId: string; customer: string | null; customerRef: string | null }>;

/** Index used: the primary key of orders. */
export async function readCustomersOf(db: Db, orderIds: readonly string[]): Promise<CustomerOfOrder[]> {
  const { rows } = await sql<CustomerOfOrder>`
    SELECT id AS "orderId", encode(customer, 'hex') AS customer, customer_ref AS "customerRef"
    FROM orders WHERE id = ANY(${orderIds}::uuid[])`.execute(db);
  return rows;
}

/** A limit of a customer. `customer` in hexadecimal; the ticket type is empty for the limit of the whole event. */
export type CustomerCounter = Readonly<{ eventId: number; customer: string; ticketType: string }>;

/** `used` is null when the customer has no such counter yet: then their orders have to be counted. */
export type CustomerUse = CustomerCounter & Readonly<{ used: number | null }>;

/**
 * What customers have. The answer is one row: reading thousands costs the worker more.
 * Index used: the primary key of customer_counters.
 *
 * @param counters each once
 */
export async function readCustomerUse(db: Db, counters: readonly CustomerCounter[]): Promise<CustomerUse[]> {
  const { rows } = await sql<{ used: readonly (number | null)[] | null }>`
    SELECT array_agg(counter.used ORDER BY requested.n) AS used
    FROM unnest(${counters.map(({ eventId }) => eventId)}::int[], ${counters.map(({ customer }) => customer)}::text[],
                ${counters.map(({ ticketType }) => ticketType)}::text[])
           WITH ORDINALITY AS requested (event_id, customer, ticket_type, n)
    LEFT JOIN LATERAL (
      SELECT used FROM customer_counters c
      WHERE c.event_id = requested.event_id AND c.customer = decode(requested.customer, 'hex')
        AND c.ticket_type = requested.ticket_type OFFSET 0
    ) AS counter ON true`.execute(db);
  const used = rows[0]?.used ?? [];
  return counters.map((counter, index) => ({ ...counter, used: used[index] ?? null }));
}

/** A customer whose orders are to be counted; `customer` in hexadecimal. Their reference is null when it was erased. */
export type CustomerToCount = Readonly<{
  eventId: number;
  accountId: number;
  customer: string;
  customerRef: string | null;
}>;

/** What a customer has of a ticket type by one order; `isUnmarked` when the order does not have its customer's hash. */
export type CustomerLine = Readonly<{
  eventId: number;
  customer: string;
  /** Null in a row that stands for a basket, and has no quantity. */
  ticketType: string | null;
  quantity: number;
  isUnmarked: boolean;
}>;

/**
 * What customers have by their decided orders, and what they gave back and the lane has not taken notice of; orders
 * whose reference was erased are found by the hash. Reads all orders of each customer in the account, so it is for
 * customers without a counter only. Without rows for a customer there is nothing to count and nothing to mark. Indexes
 * used: orders_by_customer, the primary keys of forgotten_orders and orders, returns_by_order.
 *
 * @param customers each once
 */
export async function readCustomerLines(db: Db, customers: readonly CustomerToCount[]): Promise<CustomerLine[]> {
  const { rows } = await sql<CustomerLine>`
    SELECT requested.event_id AS "eventId", requested.customer, line.ticket_type AS "ticketType", line.quantity,
           o.customer IS NULL AND o.terms ->> 'customer' IS NULL AS "isUnmarked"
    FROM unnest(${customers.map(({ eventId }) => eventId)}::int[],
                ${customers.map(({ accountId }) => accountId)}::int[],
                ${customers.map(({ customer }) => customer)}::text[],
                ${customers.map(({ customerRef }) => customerRef)}::text[])
           AS requested (event_id, account_id, customer, customer_ref)
    CROSS JOIN LATERAL (
      (SELECT * FROM orders
       WHERE account_id = requested.account_id AND customer_ref COLLATE "C" = requested.customer_ref
         AND event_id = requested.event_id AND status NOT IN ('PENDING', 'REJECTED') OFFSET 0)
      UNION ALL
      SELECT own.* FROM forgotten_orders AS forgotten
      CROSS JOIN LATERAL (
        SELECT * FROM orders WHERE id = forgotten.order_id AND status NOT IN ('PENDING', 'REJECTED') OFFSET 0
      ) AS own
      WHERE forgotten.event_id = requested.event_id AND forgotten.customer = decode(requested.customer, 'hex')
    ) AS o
    CROSS JOIN LATERAL (
      SELECT own ->> 'ticketType' AS ticket_type, (own ->> 'quantity')::int AS quantity
      FROM jsonb_array_elements(coalesce(o.items, o.terms -> 'lines', jsonb_build_array(
             jsonb_build_object('ticketType', o.ticket_type, 'quantity', o.quantity)))) AS own
      WHERE o.status IN ('WAITING', 'HELD', 'CONFIRMED')
      UNION ALL
      SELECT r.ticket_type, r.quantity FROM returns r WHERE r.order_id = o.id
      UNION ALL
      SELECT o.ticket_type, 0
    ) AS line`.execute(db);
  return rows;
}

/** A revoked code has no uses left. */
export type CodeUse = Readonly<{ id: number; eventId: number; maxUses: number; used: number }>;

/** Index used: the primary key of access_codes. */
export async function readCodeUse(db: Db, ids: readonly number[]): Promise<CodeUse[]> {
  const { rows } = await sql<CodeUse>`
    SELECT id, event_id AS "eventId", CASE WHEN revoked_at IS NULL THEN max_uses ELSE 0 END AS "maxUses", used
    FROM access_codes WHERE id = ANY(${ids}::bigint[])`.execute(db);
  return rows;
}
