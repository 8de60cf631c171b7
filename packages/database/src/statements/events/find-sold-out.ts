// Finds which of some ticket types are sold out. No locks. Index used: inventory_newest.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOf } from "../newest.ts";

export type TicketTypeRef = Readonly<{ eventId: number; ticketType: string }>;

/** Those of the given ticket types that have no ticket available. */
export async function findSoldOut(db: Db, types: readonly TicketTypeRef[]): Promise<TicketTypeRef[]> {
  const { rows } = await sql<TicketTypeRef>`
    SELECT requested.event_id AS "eventId", requested.ticket_type AS "ticketType"
    FROM unnest(${types.map((type) => type.eventId)}::int[], ${types.map((type) => type.ticketType)}::text[])
           AS requested (event_id, ticket_type)
    CROSS JOIN LATERAL ${stockOf(sql`total, allocated`, sql`requested.event_id`, sql`requested.ticket_type`)} AS stock
    WHERE stock.total = stock.allocated`.execute(db);
  return rows;
}
