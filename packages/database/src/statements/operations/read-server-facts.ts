// What the server is and how it is set, for people who look after it. No locks, no tables.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** A server, as this session sees it. */
export type ServerFacts = Readonly<{
  /** Such as 180004. */
  versionNumber: number;
  /** Such as "18.4". */
  version: string;
  /** It follows another server, and takes no writes. */
  isReplica: boolean;
  connectionsMax: number;
  /** Of these, what only superusers and the like may use. */
  connectionsReserved: number;
  /** Of clients, whoever they are. */
  connectionsOpen: number;
  /** Of these, what programs other than ours hold. */
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
          -- The kind of other users' sessions is hidden from us; what runs for no user and no database is no client.
          WHERE coalesce(backend_type, 'client backend') = 'client backend'
            AND usesysid IS NOT NULL AND datid IS NOT NULL) AS clients`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new Error("a SELECT of one row returned none");
  return facts;
}
