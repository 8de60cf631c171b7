// Finds which of some ticket types are sold out, and how many of their tickets may come back. No locks. Indexes used:
// inventory_newest, holds_by_event, returns_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { availableOf, heldOf, limitingPoolOf, stockOf, stockOfEvent } from "../newest.ts";

export type TicketTypeRef = Readonly<{ eventId: number; ticketType: string }>;

/** A ticket type without available tickets. */
export type SoldOutType = TicketTypeRef &
  Readonly<{
    /** What can come back: the type itself, or when it is its pool that is empty, all types that draw on that. */
    drawing: readonly string[];
    /** How many tickets are not sold of each type of `drawing`; null when they were not counted. */
    held: Readonly<Record<string, number>> | null;
  }>;

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
    SELECT requested.event_id AS "eventId", requested.ticket_type AS "ticketType", empty.drawing,
           CASE WHEN requested.is_counted
                THEN (SELECT jsonb_object_agg(name, ${heldOf(sql`requested.event_id`, sql`name`)})
                      FROM unnest(empty.drawing) AS own (name)) END AS held
    FROM unnest(${types.map((type) => type.eventId)}::int[], ${types.map((type) => type.ticketType)}::text[],
                ${types.map((type) => type.isCounted)}::bool[])
           AS requested (event_id, ticket_type, is_counted)
    CROSS JOIN LATERAL ${stockOf(sql`event_id, total, allocated, pools`, sql`requested.event_id`, sql`requested.ticket_type`)} AS stock
    CROSS JOIN LATERAL (
      SELECT CASE WHEN stock.allocated = stock.total THEN ARRAY[requested.ticket_type]
                  ELSE ARRAY(SELECT type.ticket_type FROM ${stockOfEvent(sql`requested.event_id`)} AS type
                             WHERE 'pool:' || ${limitingPoolOf(sql`stock`)} = ANY(type.pools)) END AS drawing OFFSET 0
    ) AS empty
    WHERE ${availableOf(sql`stock`)} = 0`.execute(db);
  return rows;
}
