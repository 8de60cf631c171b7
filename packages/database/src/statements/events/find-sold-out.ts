// Finds which of some ticket types are sold out, and how many of their tickets may come back. No locks. Indexes used:
// inventory_newest, holds_by_event, returns_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { heldOf, stockOf } from "../newest.ts";

export type TicketTypeRef = Readonly<{ eventId: number; ticketType: string }>;

/** A ticket type without available tickets; `held` of them are not sold. */
export type SoldOutType = TicketTypeRef & Readonly<{ held: number }>;

/** Those of the given ticket types that have no ticket available. */
export async function findSoldOut(db: Db, types: readonly TicketTypeRef[]): Promise<SoldOutType[]> {
  const { rows } = await sql<SoldOutType>`
    SELECT requested.event_id AS "eventId", requested.ticket_type AS "ticketType",
           ${heldOf(sql`requested.event_id`, sql`requested.ticket_type`)} AS held
    FROM unnest(${types.map((type) => type.eventId)}::int[], ${types.map((type) => type.ticketType)}::text[])
           AS requested (event_id, ticket_type)
    CROSS JOIN LATERAL ${stockOf(sql`total, allocated`, sql`requested.event_id`, sql`requested.ticket_type`)} AS stock
    WHERE stock.total = stock.allocated`.execute(db);
  return rows;
}
