// Finds which of some ticket types are sold out, and how many of their tickets may come back. No locks. Indexes used:
// inventory_newest, holds_by_event, returns_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { availableOf, heldOf, stockOf } from "../newest.ts";

export type TicketTypeRef = Readonly<{ eventId: number; ticketType: string }>;

/** A ticket type without available tickets; `held` of them are not sold, null when they were not counted. */
export type SoldOutType = TicketTypeRef & Readonly<{ held: number | null }>;

/**
 * Those of the given ticket types that have no ticket available.
 *
 * @param types with `isCounted` false, held tickets are not counted, which reads a row of each hold
 */
export async function findSoldOut(
  db: Db,
  types: readonly (TicketTypeRef & Readonly<{ isCounted: boolean }>)[],
): Promise<SoldOutType[]> {
  const { rows } = await sql<SoldOutType>`
    SELECT requested.event_id AS "eventId", requested.ticket_type AS "ticketType",
           CASE WHEN requested.is_counted
                THEN ${heldOf(sql`requested.event_id`, sql`requested.ticket_type`)} END AS held
    FROM unnest(${types.map((type) => type.eventId)}::int[], ${types.map((type) => type.ticketType)}::text[],
                ${types.map((type) => type.isCounted)}::bool[])
           AS requested (event_id, ticket_type, is_counted)
    CROSS JOIN LATERAL ${stockOf(sql`event_id, total, allocated, pools`, sql`requested.event_id`, sql`requested.ticket_type`)} AS stock
    WHERE ${availableOf(sql`stock`)} = 0`.execute(db);
  return rows;
}
