// Reads the last report of each process. No locks. Reads the whole table, which is small.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import type { ProcessReport } from "./report-process.ts";

export type ProcessRow = ProcessReport &
  Readonly<{
    /** When the process reported, by the database's clock, in milliseconds since 1970. */
    seenAtMs: number;
    /** Since the report. */
    ageSeconds: number;
  }>;

/** Further processes are not listed. */
const processCountMax = 500;

/** By kind, host and start, so that a process keeps its place in the list. */
export async function listProcesses(db: Db): Promise<ProcessRow[]> {
  const { rows } = await sql<ProcessRow>`
    SELECT id, kind, host, pid, version, started_at AS "startedAt", figures,
           (extract(epoch FROM seen_at) * 1000)::float8 AS "seenAtMs",
           greatest(0, extract(epoch FROM clock_timestamp() - seen_at))::float8 AS "ageSeconds"
    FROM processes ORDER BY kind, host, started_at, id LIMIT ${processCountMax}`.execute(db);
  return rows;
}
