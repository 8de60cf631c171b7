// Reads an event's stock. No locks. Index used: the primary key of inventory.
import type { Db } from "../../client.ts";

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
  const rows = await db
    .selectFrom("inventory")
    .where("event_id", "=", eventId)
    .select(["ticket_type", "total", "allocated"])
    .orderBy("ticket_type")
    .execute();
  return rows.map(({ ticket_type, total, allocated }) => ({
    ticketType: ticket_type,
    total,
    sold: allocated,
    held: 0,
    available: total - allocated,
  }));
}
