import type { Db } from "./client.ts";

/** Runs work in a transaction: in the one that `db` is, or in a new one. */
export function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
