// Writes how far the cancellation of an event has got, in the transaction that has its row locked
// (claim-cancellation.ts). The pause before the next batch is as long as this one took, so the orders of one event take
// half of one connection's time, however many workers there are. Indexes used: the primary key of event_cancellations,
// orders_by_event, buckets_newest, holds_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { decidedThrough } from "../pending/pending.ts";

const nextBatchAt = sql`clock_timestamp() + greatest(clock_timestamp() - now(), interval '20 milliseconds')`;

/** Adds a count of orders to cancel; `throughSeq` null says that all are counted. */
export async function writeCount(
  tx: Db,
  eventId: number,
  { count, throughSeq }: Readonly<{ count: number; throughSeq: number | null }>,
): Promise<void> {
  await sql`
    UPDATE event_cancellations
    SET total = total + ${count}::int, after_seq = coalesce(${throughSeq}::bigint, 0),
        counted_at = CASE WHEN ${throughSeq}::bigint IS NULL THEN clock_timestamp() END, next_batch_at = ${nextBatchAt}
    WHERE event_id = ${eventId}::int`.execute(tx);
}

/** Adds a batch of cancelled orders. */
export async function writeBatch(tx: Db, eventId: number, count: number, throughSeq: number): Promise<void> {
  await sql`
    UPDATE event_cancellations
    SET cancelled = cancelled + ${count}::int, after_seq = ${throughSeq}::bigint, next_batch_at = ${nextBatchAt}
    WHERE event_id = ${eventId}::int`.execute(tx);
}

/**
 * Finishes the cancellation after its last batch, once the lane has rejected the event's pending orders and ended the
 * holds that had expired; until then a later call tries again.
 */
export async function finishCancellation(tx: Db, eventId: number): Promise<void> {
  const event = sql`${eventId}::int`;
  await sql`
    UPDATE event_cancellations
    SET next_batch_at = clock_timestamp() + interval '200 milliseconds',
        finished_at = CASE WHEN NOT EXISTS (SELECT FROM holds WHERE event_id = ${event}) AND NOT EXISTS (
          SELECT FROM orders
          WHERE event_id = ${event} AND status = 'PENDING' AND seq > ${decidedThrough(event)}
          ORDER BY event_id, seq OFFSET 0) THEN clock_timestamp() END
    WHERE event_id = ${event}`.execute(tx);
}
