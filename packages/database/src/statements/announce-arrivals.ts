import { sql } from "kysely";
import { arrivedChannel } from "../channels.ts";
import type { Db } from "../client.ts";

/** Tells workers that committed orders wait in some buckets. Nothing is written, so nobody waits for the disk. No locks. */
export async function announceArrivals(db: Db, buckets: readonly number[]): Promise<void> {
  await sql`SELECT pg_notify(${arrivedChannel}, ${buckets.join(",")})`.execute(db);
}
