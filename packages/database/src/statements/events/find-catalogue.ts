// Finds the events that purchases name, with their ticket types, any number with one statement. No locks. Indexes used:
// UNIQUE (account_id, code), inventory_newest.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOfEvent } from "../newest.ts";

/** An event as its account names it. */
export type EventRef = Readonly<{ accountId: number; code: string }>;

/** What a purchase needs of its ticket type. */
export type CatalogueType = Readonly<{
  ticketType: string;
  amount: number | null;
  currency: string | null;
  /** RFC 3339. */
  salesStart: string | null;
  /** RFC 3339. */
  salesEnd: string | null;
  maxPerOrder: number | null;
  maxPerCustomer: number | null;
  isHidden: boolean;
}>;

/** What a purchase needs of its event. */
export type CatalogueRow = EventRef &
  Readonly<{
    id: number;
    salesStart: Date | null;
    salesEnd: Date | null;
    isPaused: boolean;
    isCancelled: boolean;
    maxPerOrder: number | null;
    maxPerCustomer: number | null;
    /** Whether the lane keeps rules for it: it has the pool `event`. */
    isRuled: boolean;
    ticketTypes: readonly CatalogueType[];
  }>;

/** The events that exist, in no particular order. */
export async function findCatalogue(db: Db, events: readonly EventRef[]): Promise<CatalogueRow[]> {
  const { rows } = await sql<CatalogueRow>`
    SELECT event.id, requested.account_id AS "accountId", requested.code, event.sales_start AS "salesStart",
           event.sales_end AS "salesEnd", event.is_paused AS "isPaused", event.max_per_order AS "maxPerOrder",
           event.max_per_customer AS "maxPerCustomer", event.cancelled_at IS NOT NULL AS "isCancelled",
           EXISTS (SELECT FROM inventory i WHERE i.event_id = event.id AND i.ticket_type = 'event') AS "isRuled",
           (SELECT coalesce(json_agg(json_build_object('ticketType', stock.ticket_type, 'amount', stock.price_amount,
                                                       'currency', stock.price_currency,
                                                       'salesStart', stock.sales_start, 'salesEnd', stock.sales_end,
                                                       'maxPerOrder', stock.max_per_order,
                                                       'maxPerCustomer', stock.max_per_customer,
                                                       'isHidden', stock.is_hidden)), '[]')
            FROM ${stockOfEvent(sql`event.id`)} AS stock) AS "ticketTypes"
    FROM unnest(${events.map((event) => event.accountId)}::int[], ${events.map((event) => event.code)}::text[])
           AS requested (account_id, code)
    CROSS JOIN LATERAL (
      SELECT * FROM events e WHERE e.account_id = requested.account_id AND e.code = requested.code OFFSET 0
    ) AS event`.execute(db);
  return rows;
}
