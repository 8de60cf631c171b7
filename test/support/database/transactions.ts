// Transactions that a test keeps open while other sessions work.
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { atEnd } from "../cleanup.ts";
import { untilTrue } from "../until.ts";

export type OpenTransaction = Readonly<{
  tx: Db;
  commit: () => Promise<void>;
  rollback: () => Promise<void>;
}>;

/** Begins a transaction; cleanup.ts rolls it back if the test leaves it open. */
export async function openTransaction(db: Db): Promise<OpenTransaction> {
  const tx = await db.startTransaction().execute();
  // Our sessions end a transaction that does nothing for 3 s; what a test waits for takes longer on a busy machine.
  await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
  atEnd(async () => {
    if (tx.isCommitted || tx.isRolledBack) return;
    // It fails when the server has ended the session.
    await tx
      .rollback()
      .execute()
      .catch(() => undefined);
  });
  return { tx, commit: () => tx.commit().execute(), rollback: () => tx.rollback().execute() };
}

/**
 * Waits until this many sessions of the database wait for a lock.
 *
 * @param statement counts only sessions whose statement contains it
 */
export async function untilBlocked(db: Db, sessionCount = 1, statement = ""): Promise<void> {
  await untilTrue(`${sessionCount} sessions wait for a lock`, async () => {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND strpos(query, ${statement}) > 0`.execute(db);
    return rows[0]?.count === sessionCount;
  });
}
