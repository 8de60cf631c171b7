// A process tells that it is alive and how it does, under an id of its own; and whoever reports takes away what has not
// been heard of for long. Locks: the process's own row, and rows that are swept and locked by nobody else. A second run
// tells the same again.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type ProcessReport = Readonly<{
  /** Made by the process when it starts: a pid comes again. */
  id: string;
  kind: string;
  host: string;
  pid: number;
  version: string;
  startedAt: Date;
  /** Samples of its metrics by name and labels, as at `/metrics`. */
  figures: Readonly<Record<string, number>>;
}>;

/** Where a process's reports go. */
export type ProcessLog = Readonly<{
  write: (report: ProcessReport) => Promise<void>;
  /** The process stopped in good order: it is gone, not missing. */
  remove: (id: string) => Promise<void>;
}>;

/** A process that was killed is shown as missing for so long. */
const keptSeconds = 120;

export function processLog(db: Db): ProcessLog {
  return {
    write: async ({ id, kind, host, pid, version, startedAt, figures }: ProcessReport): Promise<void> => {
      await sql`
        WITH swept AS (
          DELETE FROM processes WHERE id = ANY(ARRAY(
            SELECT id FROM processes
            WHERE id <> ${id}::uuid AND seen_at < clock_timestamp() - ${keptSeconds}::int * interval '1 second'
            FOR UPDATE SKIP LOCKED))
        )
        INSERT INTO processes (id, kind, host, pid, version, started_at, seen_at, figures)
        VALUES (${id}::uuid, ${kind}, ${host}, ${pid}, ${version}, ${startedAt}, clock_timestamp(),
                ${JSON.stringify(figures)}::jsonb)
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, figures = excluded.figures`.execute(db);
    },
    remove: async (id: string): Promise<void> => {
      await sql`DELETE FROM processes WHERE id = ${id}::uuid`.execute(db);
    },
  };
}
