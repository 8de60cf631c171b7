// Counts the processes that have reported lately, by kind. No locks. Reads the whole table, which is small.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** A process reports once a second. One that was killed is counted for this long. */
const seenWithinSeconds = 10;

/** How many processes of each kind run, such as `{ gateway: 2, worker: 1 }`; kinds without any are missing. */
export async function countProcesses(db: Db): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ kind: string; count: number }>`
    SELECT kind, count(*) AS count FROM processes
    WHERE seen_at > clock_timestamp() - ${seenWithinSeconds}::int * interval '1 second'
    GROUP BY kind`.execute(db);
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}
