// Reads who follows this server, for the people who operate it. No locks, no tables.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** A server that follows this one, or a program that keeps its WAL. */
export type Standby = Readonly<{
  /** Null to a role that may not see it, as are the other fields. */
  name: string | null;
  /** `sync`, `quorum`, `potential` or `async`. */
  syncState: string | null;
}>;

export type Replication = Readonly<{
  /** Which standbys commits wait for; empty for none. */
  synchronousStandbyNames: string;
  standbys: readonly Standby[];
}>;

export async function readReplication(db: Db): Promise<Replication> {
  const { rows } = await sql<Replication>`
    SELECT current_setting('synchronous_standby_names') AS "synchronousStandbyNames",
           coalesce((SELECT json_agg(json_build_object('name', application_name, 'syncState', sync_state) ORDER BY pid)
                     FROM pg_stat_replication r
                     -- A base backup and its WAL, and a subscriber of changes, cannot take over.
                     WHERE coalesce(application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')
                       AND coalesce(state, '') <> 'backup'
                       AND NOT EXISTS (SELECT FROM pg_replication_slots s
                                       WHERE s.active_pid = r.pid AND s.slot_type = 'logical')),
                    '[]') AS standbys`.execute(db);
  const [replication] = rows;
  if (replication === undefined) throw new Error("a SELECT of one row returned none");
  return replication;
}
