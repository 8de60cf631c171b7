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
  /** The oldest transaction or snapshot that keeps old versions of this database's rows; 0 without any. */
  oldestSnapshotSeconds: number;
  /** Whether the operating system's collation changed after the database was created. */
  isCollationChanged: boolean;
}>;

export async function readServerRisks(db: Db): Promise<ServerRisks> {
  const { rows } = await sql<ServerRisks>`
    SELECT pg_jit_available() AS "hasJit",
           pg_size_bytes(current_setting('shared_buffers')) AS "sharedBuffersBytes",
           pg_database_size(oid) AS "databaseBytes",
           (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - began)), 0)::float8
            FROM (SELECT xact_start AS began FROM pg_stat_activity
                  WHERE pid <> pg_backend_pid() AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
                    -- A replica's snapshot belongs to no database.
                    AND (datid = pg_database.oid OR datid IS NULL)
                  UNION ALL
                  SELECT prepared FROM pg_prepared_xacts WHERE database = datname) AS transactions
           ) AS "oldestSnapshotSeconds",
           datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) AS "isCollationChanged"
    FROM pg_database WHERE datname = current_database()`.execute(db);
  const [risks] = rows;
  if (risks === undefined) throw new Error("the current database was not found");
  return risks;
}
