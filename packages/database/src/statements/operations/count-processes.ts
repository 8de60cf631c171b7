// Counts the processes that told of themselves a moment ago, by kind. No locks. There are few of them.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** Each reports once a second; one that was killed is forgotten as soon. */
const seenWithinSeconds = 10;

/** How many processes of each kind run, such as `{ gateway: 2, worker: 1 }`; kinds that do not are not in it. */
export async function countProcesses(db: Db): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ kind: string; count: number }>`
    SELECT kind, count(*) AS count FROM processes
    WHERE seen_at > clock_timestamp() - ${seenWithinSeconds}::int * interval '1 second'
    GROUP BY kind`.execute(db);
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}
