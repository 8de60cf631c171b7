// Reads what slows down or endangers a database that works, for the people who operate it. No locks, no tables.
// PostgreSQL 15 or later has what it reads.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** Risks, as a session with the server's own settings sees them. */
export type ServerRisks = Readonly<{
  /** Whether sessions compile statements unless they say otherwise. */
  hasJit: boolean;
  sharedBuffersBytes: number;
  databaseBytes: number;
  /** Settings that hide errors or switch rules off, and are on: their names. */
  dangerousSettings: readonly string[];
  /** Whether the operating system's collation changed after the database was created. */
  isCollationChanged: boolean;
}>;

export async function readServerRisks(db: Db): Promise<ServerRisks> {
  const { rows } = await sql<ServerRisks>`
    SELECT pg_jit_available() AS "hasJit",
           pg_size_bytes(current_setting('shared_buffers')) AS "sharedBuffersBytes",
           pg_database_size(oid) AS "databaseBytes",
           ARRAY(SELECT name FROM pg_settings
                 WHERE (name IN ('zero_damaged_pages', 'ignore_checksum_failure', 'ignore_invalid_pages',
                                 'ignore_system_indexes', 'allow_system_table_mods') AND setting = 'on')
                    OR (name = 'session_replication_role' AND setting = 'replica')
                 ORDER BY name) AS "dangerousSettings",
           datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) AS "isCollationChanged"
    FROM pg_database WHERE datname = current_database()`.execute(db);
  const [risks] = rows;
  if (risks === undefined) throw new Error("the current database was not found");
  return risks;
}
