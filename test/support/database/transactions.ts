// Transactions that a test holds open while something else happens.
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { atEnd } from "../cleanup.ts";
import { untilTrue } from "../until.ts";

export type OpenTransaction = Readonly<{
  tx: Db;
  commit: () => Promise<void>;
  rollback: () => Promise<void>;
}>;

/** Begins a transaction; it is rolled back as cleanup.ts says, if it is still open then. */
export async function openTransaction(db: Db): Promise<OpenTransaction> {
  const tx = await db.startTransaction().execute();
  atEnd(async () => {
    // The server ends a session that is idle in a transaction for too long; then nothing is left to roll back.
    if (!tx.isCommitted && !tx.isRolledBack)
      await tx
        .rollback()
        .execute()
        .catch(() => undefined);
  });
  return { tx, commit: () => tx.commit().execute(), rollback: () => tx.rollback().execute() };
}

/** Waits until so many sessions of this database wait for a lock. */
export async function untilBlocked(db: Db, sessionCount = 1): Promise<void> {
  await untilTrue(`${sessionCount} sessions wait for a lock`, async () => {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db);
    return rows[0]?.count === sessionCount;
  });
}
