// Reads what the lane needs to know of events with rules, after their counters: what these statements return is true for
// the version of the pool `event` that was read before, or else the write finds another version. No locks.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type EventRules = Readonly<{
  eventId: number;
  maxPerCustomer: number | null;
  isStrict: boolean;
  offerSeconds: number;
}>;

/** Index used: the primary key of events. */
export async function readEventRules(db: Db, eventIds: readonly number[]): Promise<EventRules[]> {
  const { rows } = await sql<EventRules>`
    SELECT id AS "eventId", max_per_customer AS "maxPerCustomer", waitlist_policy = 'strict' AS "isStrict",
           offer_seconds AS "offerSeconds"
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

/** `isNew` when the customer was not counted before, and so their orders have been counted now. */
export type CustomerUse = CustomerCounter & Readonly<{ used: number; isNew: boolean }>;

/**
 * What customers have, and what they gave back and the lane has not taken notice of. A customer without a counter is
 * counted by their orders; that reads all their orders of the account. Indexes used: the primary key of
 * customer_counters, orders_by_customer, returns_by_event.
 *
 * @param counters each once; without a reference the customer's orders cannot be found, and count as none
 */
export async function readCustomerUse(
  db: Db,
  counters: readonly (CustomerCounter & Readonly<{ customerRef: string | null }>)[],
): Promise<CustomerUse[]> {
  const column = <K extends "eventId" | "customer" | "ticketType" | "customerRef">(key: K) =>
    sql`${counters.map((counter) => counter[key])}`;
  const { rows } = await sql<CustomerUse>`
    SELECT requested.event_id AS "eventId", requested.customer, requested.ticket_type AS "ticketType",
           coalesce(counter.used, counted.used)::int AS used, counter.used IS NULL AS "isNew"
    FROM unnest(${column("eventId")}::int[], ${column("customer")}::text[], ${column("ticketType")}::text[],
                ${column("customerRef")}::text[]) AS requested (event_id, customer, ticket_type, customer_ref)
    LEFT JOIN LATERAL (
      SELECT used FROM customer_counters c
      WHERE c.event_id = requested.event_id AND c.customer = decode(requested.customer, 'hex')
        AND c.ticket_type = requested.ticket_type OFFSET 0
    ) AS counter ON true
    CROSS JOIN LATERAL (
      SELECT CASE WHEN counter.used IS NULL THEN (
        SELECT coalesce(sum(line.quantity), 0)
        FROM orders o
        CROSS JOIN LATERAL (
          SELECT ticket_type, quantity FROM (
            SELECT own ->> 'ticketType' AS ticket_type, (own ->> 'quantity')::int AS quantity
            FROM jsonb_array_elements(coalesce(o.items, o.terms -> 'lines', jsonb_build_array(
                   jsonb_build_object('ticketType', o.ticket_type, 'quantity', o.quantity)))) AS own
            WHERE o.status IN ('WAITING', 'HELD', 'CONFIRMED')
            UNION ALL
            SELECT r.ticket_type, r.quantity FROM returns r WHERE r.event_id = o.event_id AND r.order_id = o.id
          ) AS lines
        ) AS line
        WHERE o.account_id = (SELECT e.account_id FROM events e WHERE e.id = requested.event_id)
          AND o.customer_ref COLLATE "C" = requested.customer_ref AND o.event_id = requested.event_id
          AND o.status <> 'PENDING'
          AND (requested.ticket_type = '' OR line.ticket_type = requested.ticket_type)
      ) END AS used
    ) AS counted`.execute(db);
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
