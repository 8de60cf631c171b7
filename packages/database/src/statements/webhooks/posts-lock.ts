// Finds out whether any notifier posts to a webhook endpoint. A notifier holds the endpoint's advisory lock, shared,
// while it serves the endpoint. Locks: that lock, exclusively, tried and not waited for, for the length of the
// statement. A second run asks again.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import type { LockKey } from "../../shared-locks.ts";

/** "OE"; relay-outbox.ts has another class. */
const lockClass = 0x4f45;

/** The lock of an endpoint. Two endpoints may share one (1 in 2^32): then one of them waits for both. */
export function postsLock(endpointId: string): LockKey {
  // The last digits of a UUID, of any version that is used here, are random.
  return { lockClass, lockNumber: Buffer.from(endpointId.slice(-8), "hex").readInt32BE() };
}

/** Whether no notifier serves the endpoint. */
export async function isWithoutPosts(db: Db, endpointId: string): Promise<boolean> {
  const { lockNumber } = postsLock(endpointId);
  const { rows } = await sql<{ isFree: boolean }>`
    SELECT pg_try_advisory_xact_lock(${lockClass}::int, ${lockNumber}::int) AS "isFree"`.execute(db);
  return rows[0]?.isFree === true;
}
