// Reads an event's stock from one snapshot, so that `sold + held + available = total`. No locks. Indexes used:
// inventory_newest, holds_by_event, returns_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { heldOf, stockOfEvent } from "../newest.ts";

/** `held` counts the tickets of holds, and those that came back and are not on sale yet. */
export type InventoryRow = Readonly<{
  ticketType: string;
  total: number;
  sold: number;
  held: number;
  available: number;
}>;

/** Sorted by ticket type; empty when the event has none. */
export async function getInventory(db: Db, eventId: number): Promise<InventoryRow[]> {
  const { rows } = await sql<InventoryRow>`
    SELECT ticket_type AS "ticketType", total, allocated - held AS sold, held, total - allocated AS available
    FROM (
      SELECT stock.*, ${heldOf(sql`stock.event_id`, sql`stock.ticket_type`)} AS held
      FROM ${stockOfEvent(sql`${eventId}::int`)} AS stock OFFSET 0
    ) AS counted ORDER BY ticket_type`.execute(db);
  return rows;
}
