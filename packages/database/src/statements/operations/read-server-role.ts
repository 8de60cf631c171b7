// Reads whether a server takes writes, for the people who operate it. No locks, no tables.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type ServerRole = "primary" | "standby" | "read-only";

export async function readServerRole(db: Db): Promise<ServerRole> {
  const { rows } = await sql<{ role: ServerRole }>`
    SELECT CASE WHEN pg_is_in_recovery() THEN 'standby'
                WHEN current_setting('transaction_read_only')::bool THEN 'read-only'
                ELSE 'primary' END AS role`.execute(db);
  const [server] = rows;
  if (server === undefined) throw new Error("a SELECT of one row returned none");
  return server.role;
}
