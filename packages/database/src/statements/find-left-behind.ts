// Finds events whose first pending order is old: the reconciler's question. No locks. Index used: orders_pending, one
// probe per event with pending orders (a loose index scan; grouping all pending orders read the whole backlog).
import { sql } from "kysely";
import type { Db } from "../client.ts";

/** Ids of events that have had a pending order for longer than `ageMs`. */
export async function findLeftBehind(db: Db, ageMs: number): Promise<number[]> {
  const { rows } = await sql<{ eventId: number }>`
    WITH RECURSIVE waiting AS (
      (SELECT event_id, created_at FROM orders WHERE status = 'PENDING' ORDER BY event_id, seq LIMIT 1)
      UNION ALL
      SELECT next.event_id, next.created_at FROM waiting, LATERAL (
        SELECT event_id, created_at FROM orders
        WHERE status = 'PENDING' AND event_id > waiting.event_id ORDER BY event_id, seq LIMIT 1) AS next
    )
    SELECT event_id AS "eventId" FROM waiting
    WHERE created_at < clock_timestamp() - ${ageMs}::float8 * interval '1 millisecond'`.execute(db);
  return rows.map((row) => row.eventId);
}
