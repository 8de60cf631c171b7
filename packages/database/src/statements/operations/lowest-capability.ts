// Finds the lowest capability of the processes that run. No locks. Reads the whole table, which has one row per
// process.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** What processes can do: each version also does what those before it did. */
export const capabilities = { plain: 1, orderLife: 2, rules: 3 } as const;

/** What a process of this version can do. */
export const currentCapability = capabilities.rules;

/** A process that has not reported for longer is gone, or frozen beyond its locks. */
const seenSeconds = 10;

export async function findLowestCapability(db: Db): Promise<number> {
  const { rows } = await sql<{ lowest: number }>`
    SELECT coalesce(min(capability), ${currentCapability}::int) AS lowest FROM processes
    WHERE seen_at > clock_timestamp() - ${seenSeconds}::int * interval '1 second'`.execute(db);
  return rows[0]?.lowest ?? 0;
}
