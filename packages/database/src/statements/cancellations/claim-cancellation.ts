// Claims the cancelled event whose orders are cancelled next. Locks: its row, skipping those that other workers have
// locked, until the transaction ends; the lock ends with a killed worker. Indexes used: event_cancellations_running,
// the primary key of events, returns_by_event. A second run in the transaction finds the same row.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** A cancellation that is not finished. */
export type ClaimedCancellation = Readonly<{
  eventId: number;
  accountId: number;
  actor: string;
  reason: string | null;
  isCounted: boolean;
  /** All orders up to this one are counted, or cancelled. */
  afterSeq: number;
  /** Whether tickets of earlier batches wait to be put on sale, so many that other events' would wait behind them. */
  hasManyReturns: boolean;
}>;

/**
 * Returns of the event at most while further orders are cancelled. They are applied in steps of 250 (apply-returns.ts),
 * the oldest of all events first, and every event's tickets have to be on sale again within a second.
 */
const returnsCountMax = 500;

/**
 * The one that has waited for longest, or undefined when none is due.
 *
 * @param tx must be inside a transaction
 */
export async function claimCancellation(tx: Db): Promise<ClaimedCancellation | undefined> {
  const { rows } = await sql<ClaimedCancellation>`
    SELECT c.event_id AS "eventId", (SELECT account_id FROM events WHERE id = c.event_id) AS "accountId", c.actor,
           c.reason, c.counted_at IS NOT NULL AS "isCounted", c.after_seq AS "afterSeq",
           EXISTS (SELECT FROM returns r WHERE r.event_id = c.event_id
                   OFFSET ${returnsCountMax}::int) AS "hasManyReturns"
    FROM event_cancellations c
    WHERE c.finished_at IS NULL AND c.next_batch_at <= clock_timestamp()
    ORDER BY c.next_batch_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`.execute(tx);
  return rows[0];
}
