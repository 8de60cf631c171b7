// Counts the orders of an event that are held, have expired or are cancelled, for the console. No locks. Indexes used:
// holds_by_event, order_history_by_event. It reads all later transitions of the event, because no index of `orders` may
// have the status; so only people who look at one event run it.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type TransitionCounts = Readonly<{
  /** Orders whose hold has not ended. */
  held: number;
  /** Orders that are EXPIRED; those that were paid late do not count. */
  expired: number;
  cancelled: number;
}>;

export async function countTransitions(db: Db, eventId: number): Promise<TransitionCounts> {
  const { rows } = await sql<TransitionCounts>`
    SELECT (SELECT count(DISTINCT order_id) FROM holds WHERE event_id = ${eventId}::int) AS held,
           count(*) FILTER (WHERE to_status = 'EXPIRED')
             - count(*) FILTER (WHERE from_status = 'EXPIRED') AS expired,
           count(*) FILTER (WHERE to_status = 'CANCELLED') AS cancelled
    FROM order_history WHERE event_id = ${eventId}::int`.execute(db);
  return rows[0] ?? { held: 0, expired: 0, cancelled: 0 };
}
