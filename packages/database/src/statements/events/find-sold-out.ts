// Finds which of some ticket types are sold out. No locks. Index used: the primary key of inventory.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type TicketTypeRef = Readonly<{ eventId: number; ticketType: string }>;

/** Those of the given ticket types that have no ticket available. */
export async function findSoldOut(db: Db, types: readonly TicketTypeRef[]): Promise<TicketTypeRef[]> {
  const { rows } = await sql<TicketTypeRef>`
    SELECT requested.event_id AS "eventId", requested.ticket_type AS "ticketType"
    FROM unnest(${types.map((type) => type.eventId)}::int[], ${types.map((type) => type.ticketType)}::text[])
           AS requested (event_id, ticket_type)
    CROSS JOIN LATERAL (
      SELECT total - allocated AS available FROM inventory i
      WHERE i.event_id = requested.event_id AND i.ticket_type = requested.ticket_type OFFSET 0
    ) AS stock
    WHERE stock.available = 0`.execute(db);
  return rows;
}
