// Counts the tickets of some events whose hold ends soon, for the console. No locks. Index used: holds_due, of each
// bucket the part that is due within the time.
import { bucketOf } from "@onsale/domain/bucket";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type ExpiringRow = Readonly<{ eventId: number; ticketType: string; ticketCount: number }>;

/** Ticket types without such holds are missing. A hold that is due already counts too. */
export async function readExpiring(db: Db, eventIds: readonly number[], withinSeconds: number): Promise<ExpiringRow[]> {
  const buckets = [...new Set(eventIds.map(bucketOf))];
  const { rows } = await sql<ExpiringRow>`
    SELECT event_id AS "eventId", ticket_type AS "ticketType", sum(quantity)::int AS "ticketCount"
    FROM unnest(${buckets}::int[]) AS bucket CROSS JOIN LATERAL (
      SELECT event_id, ticket_type, quantity FROM holds
      WHERE event_id & 63 = bucket
        AND expires_at <= statement_timestamp() + ${withinSeconds}::int * interval '1 second'
      ORDER BY event_id & 63, expires_at OFFSET 0
    ) AS soon
    WHERE event_id = ANY(${eventIds}::int[])
    GROUP BY event_id, ticket_type`.execute(db);
  return rows;
}
