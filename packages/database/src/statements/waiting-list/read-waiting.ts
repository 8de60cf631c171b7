// Reads an event's waiting list, and finds the events whose waiting list has to be looked through. No locks. Indexes
// used: waiting_by_type, the primary keys of waiting and events, inventory_newest.
import type { Line } from "@onsale/domain/decide";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOf } from "../newest.ts";

export type WaitingOrder = Readonly<{ seq: number; orderId: string; lines: readonly Line[] }>;

/** How many tickets of a type an order may ask for. */
export type Room = Readonly<{ ticketType: string; quantity: number }>;

/**
 * The orders that wait, the first in line first. Of orders with one line only those that a room has place for: 100,000
 * that ask for more are passed in the index. Baskets are read whatever they ask for.
 *
 * @param afterSeq the last one of the page before, or 0
 */
export async function readWaiting(
  db: Db,
  eventId: number,
  rooms: readonly Room[],
  afterSeq: number,
  countMax: number,
): Promise<WaitingOrder[]> {
  const next = (condition: RawBuilder<unknown>) => sql`
        SELECT seq FROM waiting
        WHERE event_id = ${eventId}::int AND ${condition} AND seq > ${afterSeq}::bigint
        ORDER BY event_id, ticket_type, seq LIMIT ${countMax}::int`;
  const { rows } = await sql<WaitingOrder>`
    SELECT own.* FROM (
      SELECT seq FROM (
        SELECT fits.seq FROM unnest(${rooms.map(({ ticketType }) => ticketType)}::text[],
                                    ${rooms.map(({ quantity }) => quantity)}::int[]) AS room (ticket_type, quantity)
        CROSS JOIN LATERAL (${next(sql`ticket_type = room.ticket_type AND quantity <= room.quantity`)}) AS fits
        UNION ALL
        (${next(sql`ticket_type IS NULL`)})
      ) AS found
      ORDER BY seq LIMIT ${countMax}::int
    ) AS page
    CROSS JOIN LATERAL (
      SELECT seq, order_id AS "orderId", lines FROM waiting
      WHERE event_id = ${eventId}::int AND seq = page.seq OFFSET 0
    ) AS own
    ORDER BY own.seq`.execute(db);
  return rows;
}

/**
 * The events with orders that wait, although something came back, but for those whose sale has ended: who waits there
 * is cancelled. Jumps from one event with a waiting list to the next.
 */
export async function findOffersDue(db: Db): Promise<number[]> {
  const { rows } = await sql<{ eventId: number }>`
    WITH RECURSIVE listed AS (
      (SELECT event_id FROM waiting ORDER BY event_id LIMIT 1)
      UNION ALL
      SELECT next.event_id FROM listed CROSS JOIN LATERAL (
        SELECT event_id FROM waiting WHERE event_id > listed.event_id ORDER BY event_id LIMIT 1
      ) AS next
    )
    SELECT listed.event_id AS "eventId"
    FROM listed
    CROSS JOIN LATERAL ${stockOf(sql`offer_due_since, is_cancelled`, sql`listed.event_id`, sql`'event'`)} AS pool
    CROSS JOIN LATERAL (SELECT sales_end FROM events WHERE id = listed.event_id OFFSET 0) AS event
    WHERE pool.offer_due_since IS NOT NULL AND NOT pool.is_cancelled
      AND coalesce(event.sales_end > clock_timestamp(), true)`.execute(db);
  return rows.map(({ eventId }) => eventId);
}
