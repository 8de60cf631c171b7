import type { Db } from "@onsale/database/client";
import { sql } from "kysely";

/** How often a statement ran in this database, and how many rows it returned or changed. */
export type StatementCount = Readonly<{ calls: number; rows: number }>;

/** Counts a database's statements from now on; the returned function gives the count of those that contain a text. */
export async function countStatements(db: Db): Promise<(part: string) => Promise<StatementCount>> {
  await sql`CREATE EXTENSION IF NOT EXISTS pg_stat_statements`.execute(db);
  const read = async (part: string): Promise<StatementCount> => {
    const { rows } = await sql<StatementCount>`
      SELECT coalesce(sum(calls), 0)::float8 AS calls, coalesce(sum(rows), 0)::float8 AS rows
      FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
      WHERE position(${part} IN query) > 0 AND query NOT LIKE '%pg_stat_statements%'`.execute(db);
    return rows[0] ?? { calls: 0, rows: 0 };
  };
  await resetStatements(db);
  return read;
}

/** Counts the pages of tables and indexes that this database's statements touch while something is done. */
export async function countBuffers(db: Db): Promise<(act: () => Promise<unknown>) => Promise<number>> {
  await sql`CREATE EXTENSION IF NOT EXISTS pg_stat_statements`.execute(db);
  return async (act) => {
    await resetStatements(db);
    await act();
    const { rows } = await sql<{ pages: number }>`
      SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::float8 AS pages
      FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
      WHERE query NOT LIKE '%pg_stat_statements%'`.execute(db);
    return rows[0]?.pages ?? 0;
  };
}

async function resetStatements(db: Db): Promise<void> {
  await sql`
    SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()`.execute(db);
}
