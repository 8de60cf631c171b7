// The first step of the pessimistic strategy. Locks: the inventory rows of some ticket types, until the transaction
// ends. Every transaction locks the pools `event` first, and then the others by event and name, which is also the order
// in which batches write them, so two workers cannot deadlock. Index used: inventory_newest. A second run in the
// transaction changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import type { TicketTypeRef } from "../events/find-sold-out.ts";
import { lockedStockOf } from "../newest.ts";

/**
 * @param tx must be inside a transaction
 * @param types each of them once
 */
export async function lockStock(tx: Db, types: readonly TicketTypeRef[]): Promise<void> {
  await sql`
    SELECT FROM (
      SELECT * FROM unnest(${types.map((type) => type.eventId)}::int[], ${types.map((type) => type.ticketType)}::text[])
                      AS given (event_id, ticket_type)
      ORDER BY ticket_type <> 'event', event_id, ticket_type COLLATE "C"
    ) AS requested
    CROSS JOIN LATERAL ${lockedStockOf(sql``, sql`requested.event_id`, sql`requested.ticket_type`)} AS stock`.execute(
    tx,
  );
}
