// Cancels an event: from its commit on the lane rejects every entry of it, and workers cancel its orders
// (cancel-orders.ts). Locks, in this order: the event's row, so that no ticket type is created meanwhile; all its
// inventory rows, the pool of the whole event first and then by name, as batches lock them. Every row gets a new
// version, so a batch that read it before is decided again. Indexes used: the primary key of events, inventory_newest.
// A second run finds the event cancelled and changes nothing.
import { sql } from "kysely";
import { catalogueChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { writeActivity } from "../events/write-activity.ts";
import { nextVersion } from "../newest.ts";

export type EventToCancel = Readonly<{
  accountId: number;
  eventId: number;
  eventCode: string;
  /** Who cancels it, and why: for the histories of its orders. */
  actor: string;
  reason: string | null;
}>;

/** @returns false when it was cancelled before */
export function cancelEvent(db: Db, event: EventToCancel): Promise<boolean> {
  const { accountId, eventId, eventCode, actor, reason } = event;
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number }>`
      UPDATE events SET cancelled_at = clock_timestamp() WHERE id = ${eventId}::int AND cancelled_at IS NULL
      RETURNING id`.execute(tx);
    if (rows.length === 0) return false;
    await writeActivity(tx, { eventId, actor, action: "event-cancelled", detail: { reason } });
    await sql`
      SELECT FROM inventory WHERE event_id::bigint = ${eventId}::int
      ORDER BY ticket_type <> 'event', ticket_type COLLATE "C" FOR UPDATE`.execute(tx);
    // Begins after the rows are locked, so it finds their newest versions. The replay reads of each ticket type from
    // which number on its orders are rejected; the names of pools begin with a small letter.
    await sql`
      WITH flagged AS (
        UPDATE inventory i SET is_cancelled = true, ${nextVersion(sql`i`)} WHERE i.event_id::bigint = ${eventId}::int
        RETURNING i.event_id, i.ticket_type, i.decided_seq
      ), ledger_rows AS (
        INSERT INTO ledger (event_id, ticket_type, after_seq, cause, actor, reason)
        SELECT event_id, ticket_type, decided_seq, 'cancellation', ${actor}::text, ${reason}::text
        FROM flagged WHERE ticket_type !~ '^[a-z]'
      ), cancellation AS (
        INSERT INTO event_cancellations (event_id, actor, reason)
        VALUES (${eventId}::int, ${actor}::text, ${reason}::text)
      )
      SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`})`.execute(tx);
    return true;
  });
}
