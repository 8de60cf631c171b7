import type { OrderFacts } from "@onsale/contracts/present-order";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** An order with its event's code, as all reads return it. */
export type OrderRow = OrderFacts & Readonly<{ seq: number; accountId: number; eventId: number }>;

/** A subquery, because a join could begin with the events and read all of their orders (index-plans.ts). */
const eventCode = sql<string>`(SELECT events.code FROM events WHERE events.id = orders.event_id)`.as("eventCode");

/** Orders with their events' codes; the caller adds the conditions. */
export function selectOrders(db: Pick<Db, "selectFrom">) {
  return db
    .selectFrom("orders")
    .select(eventCode)
    .select([
      "orders.id",
      "orders.seq",
      "orders.account_id as accountId",
      "orders.event_id as eventId",
      "orders.ticket_type as ticketType",
      "orders.quantity",
      "orders.status",
      "orders.reason_code as reason",
      "orders.strategy",
      "orders.customer_ref as customerRef",
      "orders.created_at as createdAt",
      "orders.decided_at as decidedAt",
      "orders.version",
      "orders.terms",
      "orders.items",
      "orders.shortage",
      "orders.expires_at as expiresAt",
      "orders.payment_reference as paymentReference",
    ]);
}

/** The status that a first decision led to; expired, cancelled and late orders were granted their tickets then. */
export const firstStatus = sql`CASE WHEN orders.status = 'REJECTED' THEN orders.status
      WHEN orders.terms ? 'waitlist' AND (orders.status = 'WAITING' OR EXISTS (
        SELECT FROM order_history first
        WHERE first.order_id = orders.id AND first.version = 3 AND first.from_status = 'WAITING')) THEN 'WAITING'
      WHEN orders.terms ? 'holdSeconds' THEN 'HELD'::order_status ELSE 'CONFIRMED' END`;
