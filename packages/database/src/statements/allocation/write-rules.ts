// Writes what a batch did to the rules of its events: what customers have, uses of access codes, the waiting list. It
// runs in the transaction of the batch, after write-decisions.ts has checked and raised the version of the pools
// `event`. Locks: the rows that it writes, and of customers who are counted for the first time their earlier orders. A
// second run in the transaction finds the new rows there, and fails. No other transaction adds or changes counters
// under this version, so that an INSERT can do without ON CONFLICT. Indexes used: the primary keys of
// customer_counters, access_codes, orders and waiting; orders_by_customer.
import type { Line } from "@onsale/domain/decide";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import type { CustomerCounter, CustomerToCount } from "./read-rules.ts";

export type RuleChanges = Readonly<{
  /** What each customer has now; `isNew` when they had no such counter. */
  customers: readonly (CustomerCounter & Readonly<{ used: number; isNew: boolean }>)[];
  /** Customers with orders from before they were counted: these get the hash, so that they count when they end. */
  unmarked: readonly CustomerToCount[];
  /** Orders of the batch whose terms do not name their customer. */
  orders: readonly Readonly<{ id: string; customer: string }>[];
  codes: readonly Readonly<{ id: number; used: number }>[];
  waiting: readonly Readonly<{ eventId: number; seq: number; orderId: string; lines: readonly Line[] }>[];
}>;

/** @param tx must be inside the transaction of the batch */
export async function writeRules(tx: Db, { customers, unmarked, orders, codes, waiting }: RuleChanges): Promise<void> {
  const [added, changed] = [customers.filter(({ isNew }) => isNew), customers.filter(({ isNew }) => !isNew)];
  await sql`
    WITH new_customers AS (
      INSERT INTO customer_counters (event_id, customer, ticket_type, used)
      SELECT event_id, decode(customer, 'hex'), ticket_type, used FROM ${given(added)}
      ORDER BY event_id, customer, ticket_type
    ), known_customers AS (
      UPDATE customer_counters c SET used = given.used FROM ${given(changed)}
      WHERE c.event_id = given.event_id AND c.customer = decode(given.customer, 'hex')
        AND c.ticket_type = given.ticket_type
    ), own AS (
      UPDATE orders o SET customer = decode(given.customer, 'hex')
      FROM unnest(${orders.map((row) => row.id)}::uuid[], ${orders.map((row) => row.customer)}::text[])
             AS given (id, customer)
      WHERE o.id = given.id
      RETURNING o.id
    ), earlier AS (
      UPDATE orders o SET customer = decode(given.customer, 'hex')
      FROM unnest(${unmarked.map((row) => row.eventId)}::int[], ${unmarked.map((row) => row.accountId)}::int[],
                  ${unmarked.map((row) => row.customer)}::text[], ${unmarked.map((row) => row.customerRef)}::text[])
             AS given (event_id, account_id, customer, customer_ref)
      WHERE o.account_id = given.account_id AND o.customer_ref COLLATE "C" = given.customer_ref AND o.event_id = given.event_id
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

function given(customers: RuleChanges["customers"]): RawBuilder<unknown> {
  return sql`unnest(${customers.map((row) => row.eventId)}::int[], ${customers.map((row) => row.customer)}::text[],
                  ${customers.map((row) => row.ticketType)}::text[], ${customers.map((row) => row.used)}::int[])
             AS given (event_id, customer, ticket_type, used)`;
}
