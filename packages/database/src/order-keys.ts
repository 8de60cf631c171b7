// Builds the index that migration 0010_key_collation uses, without locking out writers. PostgreSQL cannot do so inside
// the migrator's transaction.
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import type { Db } from "./client.ts";

/** The migration that needs the index, and the one that creates the table. */
export const orderKeysMigration = "0010_key_collation";
export const ordersMigration = "0002_orders";

/** The lock's key has two parts, as that of relay-outbox.ts. */
const lock = sql.raw(`${0x4f4e}, 2`);
const lockPauseMs = 100;

/**
 * Builds the index, unless it exists or the migration is applied. It waits for transactions that began before it.
 *
 * @param db a pool whose statements may take long
 */
export async function buildOrderKeys(db: Db): Promise<void> {
  await db.connection().execute(async (session) => {
    // A session that waits inside of a statement has a snapshot, for which the index would wait in turn.
    while (!(await tryLock(session))) await delay(lockPauseMs);
    try {
      const { isApplied, isValid } = await readState(session);
      if (isApplied || isValid === true) return;
      // What an earlier start left that was interrupted.
      if (isValid === false) await sql`DROP INDEX CONCURRENTLY orders_idempotency_c`.execute(session);
      await sql`
        CREATE UNIQUE INDEX CONCURRENTLY orders_idempotency_c
        ON orders (account_id, idempotency_key COLLATE "C")`.execute(session);
    } finally {
      await sql`SELECT pg_advisory_unlock(${lock})`.execute(session);
    }
  });
}

async function tryLock(session: Db): Promise<boolean> {
  const { rows } = await sql<{ isMine: boolean }>`SELECT pg_try_advisory_lock(${lock}) AS "isMine"`.execute(session);
  return rows[0]?.isMine === true;
}

/** `isValid` is null without an index. */
async function readState(session: Db): Promise<Readonly<{ isApplied: boolean; isValid: boolean | null }>> {
  const { rows } = await sql<{ isApplied: boolean; isValid: boolean | null }>`
    SELECT (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('orders_idempotency_c')) AS "isValid",
           EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = 'orders'::regclass AND attname = 'idempotency_key'
                     AND attcollation = 'pg_catalog."C"'::regcollation) AS "isApplied"`.execute(session);
  const [state] = rows;
  if (state === undefined) throw new Error("a SELECT of one row returned none");
  return state;
}
