// Locks of those who make the bodies of deliveries. A body repeats what its order said when it was made, so nothing can
// be erased from an order while a body is being made of it.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** "ON". The key has two parts, so it differs from the keys of arrival-floor.ts, which have one. */
const lockClass = 0x4f4e;
/** The relay holds it exclusively: two relays at a time would mix the order of deliveries. */
const relayNumber = 1;
/** Those who make missed deliveries share it. */
const missedNumber = 2;

/** Takes the lock of the relay, until the transaction ends. Tried and never waited for; false when it is taken. */
export async function tryRelayLock(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ isMine: boolean }>`
      SELECT pg_try_advisory_xact_lock(${lockClass}::int, ${relayNumber}::int) AS "isMine"`.execute(tx);
  return rows[0]?.isMine === true;
}

/** Keeps `takeBodyLocks` of others from being granted until the transaction ends. */
export async function takeMissedLock(tx: Db): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock_shared(${lockClass}::int, ${missedNumber}::int)`.execute(tx);
}

/** Waits until no body is being made, and lets none be made until the transaction ends. */
export async function takeBodyLocks(tx: Db): Promise<void> {
  await sql`
      SELECT pg_advisory_xact_lock(${lockClass}::int, ${relayNumber}::int),
             pg_advisory_xact_lock(${lockClass}::int, ${missedNumber}::int)`.execute(tx);
}
