// Notifies workers that orders of some buckets were committed. Writes nothing. Lock: PostgreSQL's own, which every
// transaction with a NOTIFY takes for its commit, so this one may wait until a batch's decisions are on disk
// (write-decisions.ts). A second run makes a worker check once more.
import { sql } from "kysely";
import { arrivedChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";

export async function announceArrivals(db: Db, buckets: readonly number[]): Promise<void> {
  await sql`SELECT pg_notify(${arrivedChannel}, ${buckets.join(",")})`.execute(db);
}
