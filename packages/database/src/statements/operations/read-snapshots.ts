// Finds what keeps old versions of this database's rows from vacuum. No locks, no tables. PostgreSQL 15 or later has
// what it reads.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/**
 * - `transaction`: an open transaction or statement of a session;
 * - `prepared`: a transaction that waits for COMMIT PREPARED;
 * - `replica`: a replica's oldest query, by hot_standby_feedback;
 * - `slot`: the same, kept by a replication slot even while the replica is away.
 */
type SnapshotKind = "transaction" | "prepared" | "replica" | "slot";

export type Snapshot = Readonly<{
  kind: SnapshotKind;
  /** The process id of a session, the name of a prepared transaction or of a slot. */
  name: string;
  /**
   * Since it began; null where only the transactions are known that were still to come: for replicas, slots, and other
   * roles' sessions unless this role has pg_read_all_stats.
   */
  ageSeconds: number | null;
  /** Transactions of the server since then. */
  ageTransactions: number;
}>;

export type Snapshots = Readonly<{
  snapshots: readonly Snapshot[];
  /** Transaction ids that the server has given so far. */
  transactionCount: number;
}>;

/**
 * A transaction of another database counts once it has written: it has an id, and every new snapshot of the server is
 * as old as the oldest such id. Vacuum's own snapshot keeps nothing.
 */
export async function readSnapshots(db: Db): Promise<Snapshots> {
  const { rows } = await sql<Snapshots>`
    SELECT coalesce(json_agg(json_build_object(
             'kind', kind, 'name', name, 'ageTransactions', transactions,
             'ageSeconds', CASE WHEN began IS NOT NULL
                           THEN greatest(0, extract(epoch FROM clock_timestamp() - began)) END)), '[]') AS snapshots,
           pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS "transactionCount"
    FROM (
      SELECT CASE WHEN pid IN (SELECT pid FROM pg_stat_replication) THEN 'replica' ELSE 'transaction' END AS kind,
             pid::text AS name, xact_start AS began, greatest(age(backend_xid), age(backend_xmin)) AS transactions
      FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
        AND (backend_xid IS NOT NULL
             OR (backend_xmin IS NOT NULL AND (datname = current_database() OR datname IS NULL)))
      UNION ALL
      SELECT 'prepared', gid, prepared, age(transaction) FROM pg_prepared_xacts
      UNION ALL
      SELECT 'slot', slot_name::text, NULL, age(xmin) FROM pg_replication_slots WHERE xmin IS NOT NULL
    ) AS found`.execute(db);
  const [read] = rows;
  if (read === undefined) throw new Error("an aggregate returned no row");
  return read;
}
