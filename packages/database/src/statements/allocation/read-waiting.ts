// Reads an event's waiting list, and finds the events whose waiting list has to be looked through. No locks.
import type { Line } from "@onsale/domain/decide";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOf } from "../newest.ts";

export type WaitingOrder = Readonly<{ seq: number; orderId: string; lines: readonly Line[] }>;

/**
 * The orders that wait, the first in line first.
 *
 * @param afterSeq the last one of the page before, or 0
 */
export async function readWaiting(
  db: Db,
  eventId: number,
  afterSeq: number,
  countMax: number,
): Promise<WaitingOrder[]> {
  const { rows } = await sql<WaitingOrder>`
    SELECT seq, order_id AS "orderId", lines FROM waiting
    WHERE event_id = ${eventId}::int AND seq > ${afterSeq}::bigint
    ORDER BY event_id, seq LIMIT ${countMax}::int`.execute(db);
  return rows;
}

/** The events with orders that wait, although something came back. Jumps from one event with a waiting list to the next. */
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
    FROM listed CROSS JOIN LATERAL ${stockOf(sql`is_offer_due`, sql`listed.event_id`, sql`'event'`)} AS pool
    WHERE pool.is_offer_due`.execute(db);
  return rows.map(({ eventId }) => eventId);
}
