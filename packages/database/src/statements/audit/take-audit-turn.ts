// Whose turn it is to audit an event: all gateways of an installation would do it at the same moment. Lock: an advisory
// one of the session, tried and never waited for; a session that dies gives it up. Index used: the primary key of events.
// A second run audits again, which changes nothing.
import { sql } from "kysely";
import { auditedChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";

/** Of two-part locks, beside that of relay-outbox.ts; the second part is the event. */
const lockClass = 0x4f41;

/**
 * Runs something with a connection that has the turn, and announces on `auditedChannel` that it is done.
 *
 * @returns what `run` did, or undefined when another session has the turn or there is no such event
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
      // Where the session is gone, so is its lock.
      const unlock = sql`SELECT pg_advisory_unlock(${lockClass}::int, ${eventId}::int)`;
      await unlock.execute(own).catch(() => undefined);
    }
  });
}
