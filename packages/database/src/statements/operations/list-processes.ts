// Reads what the processes last told of themselves. No locks. There are few of them.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import type { ProcessReport } from "./report-process.ts";

export type ProcessRow = ProcessReport &
  Readonly<{
    /** When it told so, by the database's clock, in milliseconds since 1970. */
    seenAtMs: number;
    /** How long ago that is. */
    ageSeconds: number;
  }>;

/** More are not shown. */
const processCountMax = 500;

/** By kind, host and age, so that they stay in their places. */
export async function listProcesses(db: Db): Promise<ProcessRow[]> {
  const { rows } = await sql<ProcessRow>`
    SELECT id, kind, host, pid, version, started_at AS "startedAt", figures,
           (extract(epoch FROM seen_at) * 1000)::float8 AS "seenAtMs",
           greatest(0, extract(epoch FROM clock_timestamp() - seen_at))::float8 AS "ageSeconds"
    FROM processes ORDER BY kind, host, started_at, id LIMIT ${processCountMax}`.execute(db);
  return rows;
}
