// Tells workers that committed orders wait in some buckets. Writes nothing. Lock: the one that all transactions that notify
// take for their commit, so it may wait for a batch's decisions to be on disk (write-decisions.ts). A second run makes a
// worker look once more.
import { sql } from "kysely";
import { arrivedChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";

export async function announceArrivals(db: Db, buckets: readonly number[]): Promise<void> {
  await sql`SELECT pg_notify(${arrivedChannel}, ${buckets.join(",")})`.execute(db);
}
