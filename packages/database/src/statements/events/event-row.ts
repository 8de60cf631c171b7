import type { Price } from "@onsale/contracts/price";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOfEvent } from "../newest.ts";
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
      saleStateOf(sql`events`).as("saleState"),
      sql<EventRow["ticketTypes"]>`coalesce((
        SELECT json_agg(json_strip_nulls(json_build_object(
                 'ticketType', i.ticket_type, 'total', i.total,
                 'price', CASE WHEN i.price_amount IS NOT NULL
                               THEN json_build_object('amount', i.price_amount, 'currency', i.price_currency) END,
                 'salesStart', i.sales_start, 'salesEnd', i.sales_end, 'maxPerOrder', i.max_per_order
               )) ORDER BY i.ticket_type)
        FROM ${stockOfEvent(sql`events.id`)} AS i), '[]')`.as("ticketTypes"),
    ]);
}
