// Reads PostgreSQL's clock. No locks, no tables.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** Milliseconds since 1970, to the microsecond. */
export async function readClock(db: Db): Promise<number> {
  const { rows } = await sql<{ nowMs: number }>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("PostgreSQL returned no time");
  return row.nowMs;
}
