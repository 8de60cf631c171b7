// Lets one session audit an event; otherwise all gateways of an installation would audit it at the same moment. Lock:
// an advisory lock of the session, tried and never waited for; PostgreSQL releases it when the session ends. Index
// used: the primary key of events. A second run audits again, which changes nothing.
import { sql } from "kysely";
import { auditedChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";

/** The first part of the lock's key; relay-outbox.ts has another one. The second part is the id of the event. */
const lockClass = 0x4f41;

/**
 * Runs an audit on the connection that has the turn, and announces its end on `auditedChannel`.
 *
 * @returns what `run` returned, or undefined when another session has the turn or there is no such event
 * @throws what `run` throws; nothing is announced then
 */
export function takeAuditTurn<T extends object>(
  db: Db,
  eventId: number,
  run: (own: Db, eventCode: string) => Promise<T>,
): Promise<T | undefined> {
  return db.connection().execute(async (own) => {
    const { rows } = await sql<{ code: string; isMine: boolean }>`
      SELECT code, pg_try_advisory_lock(${lockClass}::int, id) AS "isMine"
      FROM events WHERE id = ${eventId}::int`.execute(own);
    const [turn] = rows;
    if (turn?.isMine !== true) return undefined;
    try {
      const result = await run(own, turn.code);
      await sql`SELECT pg_notify(${auditedChannel}::text, ${String(eventId)}::text)`.execute(own);
      return result;
    } finally {
      // When the session has ended, this fails, and the lock is released already.
      const unlock = sql`SELECT pg_advisory_unlock(${lockClass}::int, ${eventId}::int)`;
      await unlock.execute(own).catch(() => undefined);
    }
  });
}
