// Writes what a batch did to the rules of its events: what customers have, uses of access codes, the waiting list. It
// runs in the transaction of the batch, after write-decisions.ts has checked and raised the version of the pools `event`.
// Locks: the rows that it writes, and of customers who are met for the first time all their orders in the event. A second
// run in the transaction changes nothing but finds the waiting orders recorded, and fails. Indexes used: the primary keys
// of customer_counters, access_codes, orders and waiting; orders_by_customer.
import type { Line } from "@onsale/domain/decide";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import type { CustomerCounter } from "./read-rules.ts";

export type RuleChanges = Readonly<{
  /** What each customer has now. */
  customers: readonly (CustomerCounter & Readonly<{ used: number }>)[];
  /** Customers that are counted from now on: their orders from before get the hash, so that they count when they end. */
  met: readonly Readonly<{ eventId: number; customer: string; customerRef: string }>[];
  /** Orders of the batch whose terms do not name their customer. */
  orders: readonly Readonly<{ id: string; customer: string }>[];
  codes: readonly Readonly<{ id: number; used: number }>[];
  waiting: readonly Readonly<{ eventId: number; seq: number; orderId: string; lines: readonly Line[] }>[];
}>;

/** @param tx must be inside the transaction of the batch */
export async function writeRules(tx: Db, { customers, met, orders, codes, waiting }: RuleChanges): Promise<void> {
  await sql`
    WITH customer_rows AS (
      INSERT INTO customer_counters (event_id, customer, ticket_type, used)
      SELECT event_id, decode(customer, 'hex'), ticket_type, used
      FROM unnest(${customers.map((row) => row.eventId)}::int[], ${customers.map((row) => row.customer)}::text[],
                  ${customers.map((row) => row.ticketType)}::text[], ${customers.map((row) => row.used)}::int[])
             AS given (event_id, customer, ticket_type, used)
      ORDER BY event_id, customer, ticket_type
      ON CONFLICT (event_id, customer, ticket_type) DO UPDATE SET used = excluded.used
    ), own AS (
      UPDATE orders o SET customer = decode(given.customer, 'hex')
      FROM unnest(${orders.map((row) => row.id)}::uuid[], ${orders.map((row) => row.customer)}::text[])
             AS given (id, customer)
      WHERE o.id = given.id
      RETURNING o.id
    ), earlier AS (
      UPDATE orders o SET customer = decode(given.customer, 'hex')
      FROM unnest(${met.map((row) => row.eventId)}::int[], ${met.map((row) => row.customer)}::text[],
                  ${met.map((row) => row.customerRef)}::text[]) AS given (event_id, customer, customer_ref)
      WHERE o.account_id = (SELECT e.account_id FROM events e WHERE e.id = given.event_id)
        AND o.customer_ref COLLATE "C" = given.customer_ref AND o.event_id = given.event_id
        AND o.customer IS NULL AND o.terms ->> 'customer' IS NULL AND o.status <> 'REJECTED'
        AND o.id <> ALL(ARRAY(SELECT id FROM own))
    ), code_rows AS (
      UPDATE access_codes a SET used = given.used
      FROM unnest(${codes.map((row) => row.id)}::bigint[], ${codes.map((row) => row.used)}::int[]) AS given (id, used)
      WHERE a.id = given.id
    )
    INSERT INTO waiting (event_id, seq, order_id, lines)
    SELECT event_id, seq, order_id, lines::jsonb
    FROM unnest(${waiting.map((row) => row.eventId)}::int[], ${waiting.map((row) => row.seq)}::bigint[],
                ${waiting.map((row) => row.orderId)}::uuid[],
                ${waiting.map((row) => JSON.stringify(row.lines))}::text[]) AS given (event_id, seq, order_id, lines)
    `.execute(tx);
}
