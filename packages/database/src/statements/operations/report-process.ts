// Writes the report of a process under its own id, and deletes the reports of processes that have not reported for
// long. Locks: the process's own row, and old rows that no other session has locked. Index used: the primary key. A
// second run writes the same report again.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { currentCapability } from "./lowest-capability.ts";

export type ProcessReport = Readonly<{
  /** The process makes it when it starts; a pid is used again by later processes. */
  id: string;
  kind: string;
  host: string;
  pid: number;
  version: string;
  startedAt: Date;
  /** Samples of its metrics by name and labels, as at `/metrics`. */
  figures: Readonly<Record<string, number>>;
}>;

/** Takes the reports of a process. */
export type ProcessLog = Readonly<{
  write: (report: ProcessReport) => Promise<void>;
  /** Called when the process stops, so that it is not shown as missing. */
  remove: (id: string) => Promise<void>;
}>;

/** A process that was killed is shown as missing for this long. */
const keptSeconds = 120;

export function processLog(db: Db): ProcessLog {
  return {
    write: async ({ id, kind, host, pid, version, startedAt, figures }: ProcessReport): Promise<void> => {
      await sql`
        WITH removed AS (
          DELETE FROM processes WHERE id = ANY(ARRAY(
            SELECT id FROM processes
            WHERE id <> ${id}::uuid AND seen_at < clock_timestamp() - ${keptSeconds}::int * interval '1 second'
            FOR UPDATE SKIP LOCKED))
        )
        INSERT INTO processes (id, kind, host, pid, version, started_at, seen_at, figures, capability)
        VALUES (${id}::uuid, ${kind}, ${host}, ${pid}, ${version}, ${startedAt}, clock_timestamp(),
                ${JSON.stringify(figures)}::jsonb, ${currentCapability}::int)
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, figures = excluded.figures`.execute(db);
    },
    remove: async (id: string): Promise<void> => {
      await sql`DELETE FROM processes WHERE id = ${id}::uuid`.execute(db);
    },
  };
}
