// Reads how far the cancellations of events have got. No locks. Indexes used: the primary key of event_cancellations,
// event_cancellations_running.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type CancellationRow = Readonly<{
  reason: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** Orders to cancel when the event was cancelled; null until they are counted. */
  total: number | null;
  cancelled: number;
  /** Seconds that the batches have taken so far, with their pauses. */
  elapsedSeconds: number;
}>;

/** The cancellation of an event; undefined when it was not cancelled. */
export async function readCancellation(db: Db, eventId: number): Promise<CancellationRow | undefined> {
  const { rows } = await sql<CancellationRow>`
    SELECT reason, started_at AS "startedAt", finished_at AS "finishedAt", cancelled,
           CASE WHEN counted_at IS NOT NULL THEN total END AS total,
           coalesce(extract(epoch FROM clock_timestamp() - counted_at), 0)::float8 AS "elapsedSeconds"
    FROM event_cancellations WHERE event_id = ${eventId}::int`.execute(db);
  return rows[0];
}

/** Orders that are counted and not cancelled yet, of all cancellations that are not finished. */
export async function countRemaining(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT coalesce(sum(greatest(total - cancelled, 0)), 0)::float8 AS count
    FROM event_cancellations WHERE finished_at IS NULL`.execute(db);
  return rows[0]?.count ?? 0;
}
