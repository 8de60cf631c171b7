// Reads an event's stock. No locks. Index used: inventory_newest.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOfEvent } from "../newest.ts";

/** `available` is `total - allocated`. There are no holds yet, so all that is allocated is sold. */
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
    SELECT ticket_type AS "ticketType", total, allocated AS sold, 0 AS held, total - allocated AS available
    FROM ${stockOfEvent(sql`${eventId}::int`)} AS stock ORDER BY ticket_type`.execute(db);
  return rows;
}
