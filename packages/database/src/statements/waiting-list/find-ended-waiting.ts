// Finds orders that wait although the sale of what they wait for has ended: that of their event, or of one of their
// ticket types, without which they could not be bought either. Those of cancelled events are left to the cancellation.
// No locks. Indexes used: the primary keys of waiting, events and orders, inventory_newest, waiting_by_type,
// returns_by_event. Jumps from one event with a waiting list to the next.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOfEvent } from "../newest.ts";

export type EndedWaiting = Readonly<{ accountId: number; eventId: number; orderId: string; version: number }>;

/**
 * Returns of the event at most while further orders are cancelled (claim-cancellation.ts).
 */
const returnsCountMax = 500;

/** Some of one event; none when there are none, or when earlier ones have to be applied first. */
export async function findEndedWaiting(db: Db, countMax: number): Promise<EndedWaiting[]> {
  const { rows } = await sql<EndedWaiting>`
    WITH RECURSIVE listed AS (
      (SELECT event_id FROM waiting ORDER BY event_id LIMIT 1)
      UNION ALL
      SELECT next.event_id FROM listed CROSS JOIN LATERAL (
        SELECT event_id FROM waiting WHERE event_id > listed.event_id ORDER BY event_id LIMIT 1
      ) AS next
    ), ended AS MATERIALIZED (
      SELECT listed.event_id, event.account_id, event.is_ended, types.names
      FROM listed
      CROSS JOIN LATERAL (
        SELECT account_id, coalesce(sales_end <= clock_timestamp(), false) AS is_ended FROM events
        WHERE id = listed.event_id AND cancelled_at IS NULL OFFSET 0
      ) AS event
      CROSS JOIN LATERAL (
        SELECT array_agg(ticket_type) AS names FROM ${stockOfEvent(sql`listed.event_id`)} AS stock
        WHERE waiting > 0 AND sales_end <= clock_timestamp()
      ) AS types
      WHERE (event.is_ended OR types.names IS NOT NULL)
        AND NOT EXISTS (SELECT FROM returns r WHERE r.event_id = listed.event_id OFFSET ${returnsCountMax}::int)
      LIMIT 1
    ), chosen AS (
      SELECT event_id, account_id, order_id FROM ended CROSS JOIN LATERAL (
        SELECT order_id FROM waiting w WHERE ended.is_ended AND w.event_id = ended.event_id
        UNION ALL
        SELECT own.order_id FROM unnest(ended.names) AS name CROSS JOIN LATERAL (
          SELECT order_id FROM waiting w
          WHERE NOT ended.is_ended AND w.event_id = ended.event_id AND w.ticket_type = name
        ) AS own
        UNION ALL
        SELECT order_id FROM waiting w
        WHERE NOT ended.is_ended AND w.event_id = ended.event_id AND w.ticket_type IS NULL
          AND EXISTS (SELECT FROM jsonb_array_elements(w.lines) AS line
                      WHERE line ->> 'ticketType' = ANY(ended.names))
      ) AS own
      LIMIT ${countMax}::int
    )
    SELECT chosen.event_id AS "eventId", chosen.account_id AS "accountId", found.id AS "orderId", found.version
    FROM chosen CROSS JOIN LATERAL (
      SELECT id, version FROM orders WHERE id = chosen.order_id AND status = 'WAITING' OFFSET 0
    ) AS found`.execute(db);
  return rows;
}
