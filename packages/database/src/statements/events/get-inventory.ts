// Reads an event's stock from one snapshot, so that `sold + held + available = total` for a ticket type without pools.
// No locks. Indexes used: inventory_newest, holds_by_event, returns_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { availableOf, heldOf, limitingPoolOf, stockOfEvent } from "../newest.ts";

/** `held` counts the tickets of holds, and those that came back and are not on sale yet. */
export type InventoryRow = Readonly<{
  ticketType: string;
  total: number;
  sold: number;
  held: number;
  /** The least of what is left of the type and of its pools. */
  available: number;
  /** The pool that has less left than the type itself; missing when there is none. */
  limitedBy?: string;
  /** Lines of orders that wait for it; missing when there are none. */
  waiting?: number;
  /** Whether it is sold with an access code only; missing when it is not. */
  isHidden?: true;
}>;

/**
 * One ticket type as JSON; members that are null are left out.
 *
 * @param further members
 */
export const inventoryJson = (further = sql``) => sql`json_strip_nulls(json_build_object(
      'ticketType', stock.ticket_type, 'total', stock.total, 'sold', stock.allocated - stock.held, 'held', stock.held,
      'available', ${availableOf(sql`stock`)}, 'limitedBy', ${limitingPoolOf(sql`stock`)},
      'waiting', nullif(stock.waiting, 0), 'isHidden', nullif(stock.is_hidden, false)${further}))`;

/** Sorted by ticket type; empty when the event has none. */
export async function getInventory(db: Db, eventId: number): Promise<InventoryRow[]> {
  const { rows } = await sql<{ row: InventoryRow }>`
    SELECT ${inventoryJson()} AS row FROM (
      SELECT own.*, ${heldOf(sql`own.event_id`, sql`own.ticket_type`)} AS held
      FROM ${stockOfEvent(sql`${eventId}::int`)} AS own OFFSET 0
    ) AS stock ORDER BY stock.ticket_type COLLATE "C"`.execute(db);
  return rows.map(({ row }) => row);
}
