import type { OrderFacts } from "@onsale/domain/present-order";
import type { Db } from "../client.ts";

/** An order with its event's code, as every read returns it. */
export type OrderRow = OrderFacts & Readonly<{ seq: number; accountId: number; eventId: number }>;

/** Orders joined with their events; the caller adds the conditions. */
export function selectOrders(db: Db) {
  return db
    .selectFrom("orders")
    .innerJoin("events", "events.id", "orders.event_id")
    .select([
      "orders.id",
      "orders.seq",
      "orders.account_id as accountId",
      "orders.event_id as eventId",
      "events.code as eventCode",
      "orders.ticket_type as ticketType",
      "orders.quantity",
      "orders.status",
      "orders.reason_code as reason",
      "orders.strategy",
      "orders.customer_ref as customerRef",
      "orders.created_at as createdAt",
      "orders.decided_at as decidedAt",
      "orders.version",
    ]);
}
