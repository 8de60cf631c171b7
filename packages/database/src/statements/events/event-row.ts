import type { Price } from "@onsale/contracts/price";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { poolsOfEvent, stockOfEvent } from "../newest.ts";
import { type SaleState, saleStateOf } from "./sale-state.ts";

/** A ticket type of an event; a rule that it does not have is missing. */
export type TicketTypeRow = Readonly<{
  ticketType: string;
  total: number;
  price?: Price;
  /** RFC 3339. */
  salesStart?: string;
  /** RFC 3339. */
  salesEnd?: string;
  maxPerOrder?: number;
  maxPerCustomer?: number;
  /** As clients call them. */
  pools?: readonly string[];
  visibility?: "code";
}>;

/** An event with its ticket types. */
export type EventRow = Readonly<{
  id: number;
  code: string;
  name: string;
  startTime: Date;
  endTime: Date;
  createdAt: Date;
  saleState: SaleState;
  salesStart: Date | null;
  salesEnd: Date | null;
  maxPerOrder: number | null;
  maxPerCustomer: number | null;
  offerSeconds: number;
  waitlistPolicy: "skip" | "strict";
  pools: readonly Readonly<{ name: string; total: number; available: number }>[];
  ticketTypes: readonly TicketTypeRow[];
}>;

/** Events of an account; the caller adds the conditions. */
export function selectEvents(db: Pick<Db, "selectFrom">, accountId: number) {
  return db
    .selectFrom("events")
    .where("events.account_id", "=", accountId)
    .select([
      "events.id",
      "events.code",
      "events.name",
      "events.start_time as startTime",
      "events.end_time as endTime",
      "events.created_at as createdAt",
      "events.sales_start as salesStart",
      "events.sales_end as salesEnd",
      "events.max_per_order as maxPerOrder",
      "events.max_per_customer as maxPerCustomer",
      "events.offer_seconds as offerSeconds",
      "events.waitlist_policy as waitlistPolicy",
      saleStateOf(sql`events`).as("saleState"),
      sql<EventRow["ticketTypes"]>`coalesce((
        SELECT json_agg(json_strip_nulls(json_build_object(
                 'ticketType', i.ticket_type, 'total', i.total,
                 'price', CASE WHEN i.price_amount IS NOT NULL
                               THEN json_build_object('amount', i.price_amount, 'currency', i.price_currency) END,
                 'salesStart', i.sales_start, 'salesEnd', i.sales_end, 'maxPerOrder', i.max_per_order,
                 'maxPerCustomer', i.max_per_customer, 'visibility', CASE WHEN i.is_hidden THEN 'code' END,
                 'pools', ${poolNamesOf(sql`i`)}
               )) ORDER BY i.ticket_type)
        FROM ${stockOfEvent(sql`events.id`)} AS i), '[]')`.as("ticketTypes"),
      poolsJson(sql`events.id`).as("pools"),
    ]);
}

/** The names of the pools that a ticket type draws on, as a JSON array; null when there are none. */
export function poolNamesOf(stock: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(SELECT json_agg(substr(name, 6)) FROM unnest(${stock}.pools) AS name WHERE name LIKE 'pool:%')`;
}

/** The pools of an event, as a JSON array. */
export function poolsJson(eventId: RawBuilder<unknown>): RawBuilder<EventRow["pools"]> {
  return sql<EventRow["pools"]>`coalesce((
        SELECT json_agg(json_build_object('name', substr(pool.ticket_type, 6), 'total', pool.total,
                                          'available', pool.total - pool.allocated) ORDER BY pool.ticket_type)
        FROM ${poolsOfEvent(eventId)} AS pool WHERE pool.ticket_type LIKE 'pool:%'), '[]')`;
}
