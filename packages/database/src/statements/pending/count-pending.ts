// Counts the pending orders of some events, with samples of their `seq` from which the place of any order follows
// (packages/domain/src/queue-position.ts). No locks. Indexes used: buckets_newest; orders_by_event, the end of each
// event's part of it. One query serves all buyers who ask for their place.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { decidedThrough } from "./pending.ts";

export type PendingCount = Readonly<{
  eventId: number;
  count: number;
  oldestAgeSeconds: number;
  /** The `seq` of every `step`th pending order, from the first one on. */
  marks: readonly number[];
  step: number;
}>;

/** Events without pending orders are missing. At most 500 marks each. */
export async function countPending(db: Db, eventIds: readonly number[]): Promise<PendingCount[]> {
  const { rows } = await sql<PendingCount>`
    SELECT event_id AS "eventId", max(n) AS count, max(step) AS step,
           greatest(0, extract(epoch FROM clock_timestamp() - min(created_at)))::float8 AS "oldestAgeSeconds",
           json_agg(seq ORDER BY seq) FILTER (WHERE (place - 1) % step = 0) AS marks
    FROM (
      SELECT event_id, seq, created_at, n, place, (n + 499) / 500 AS step
      FROM (
        SELECT event_id, seq, created_at, count(*) OVER (PARTITION BY event_id) AS n,
               row_number() OVER (PARTITION BY event_id ORDER BY seq) AS place
        FROM unnest(${eventIds}::int[]) AS requested (id) CROSS JOIN LATERAL (
          SELECT event_id, seq, created_at FROM orders
          WHERE event_id = requested.id AND status = 'PENDING'
            AND seq > ${decidedThrough(sql`requested.id`)}
          ORDER BY orders.event_id, orders.seq OFFSET 0
        ) AS pending
      ) AS counted
    ) AS placed
    GROUP BY event_id`.execute(db);
  return rows;
}
