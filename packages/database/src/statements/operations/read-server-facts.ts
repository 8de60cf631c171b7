// Reads the version, the settings and the connections of the server, for the people who operate it. No locks, no
// tables.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** A server, as this session sees it. */
export type ServerFacts = Readonly<{
  /** Such as 180004. */
  versionNumber: number;
  /** Such as "18.4". */
  version: string;
  /** Whether it follows another server and takes no writes. */
  isReplica: boolean;
  connectionsMax: number;
  /** Those of `connectionsMax` that only superusers and roles with a special right may use. */
  connectionsReserved: number;
  /** Those of all clients. */
  connectionsOpen: number;
  /** Those of `connectionsOpen` that belong to other programs than ours. */
  connectionsOfOthers: number;
  fsync: string;
  synchronousCommit: string;
  fullPageWrites: string;
  now: Date;
}>;

export async function readServerFacts(db: Db): Promise<ServerFacts> {
  const { rows } = await sql<ServerFacts>`
    SELECT current_setting('server_version_num')::int AS "versionNumber",
           split_part(current_setting('server_version'), ' ', 1) AS version,
           pg_is_in_recovery() AS "isReplica",
           current_setting('max_connections')::int AS "connectionsMax",
           current_setting('superuser_reserved_connections')::int
             + coalesce(current_setting('reserved_connections', true), '0')::int AS "connectionsReserved",
           clients.open AS "connectionsOpen",
           clients.others AS "connectionsOfOthers",
           current_setting('fsync') AS fsync,
           current_setting('synchronous_commit') AS "synchronousCommit",
           current_setting('full_page_writes') AS "fullPageWrites",
           clock_timestamp() AS now
    FROM (SELECT count(*) AS open, count(*) FILTER (WHERE application_name NOT LIKE 'onsale-%') AS others
          FROM pg_stat_activity
          -- The type of other users' sessions may be hidden; a process without a user or a database is no client.
          WHERE coalesce(backend_type, 'client backend') = 'client backend'
            AND usesysid IS NOT NULL AND datid IS NOT NULL) AS clients`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new Error("a SELECT of one row returned none");
  return facts;
}
