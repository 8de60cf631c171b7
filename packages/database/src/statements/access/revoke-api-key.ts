// Revokes an API key for good; gateways refuse it after 30 s at most. Locks: its row. Index used: the primary key. A
// second run changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** @returns when it was revoked for the first time; undefined when there is no such key */
export async function revokeApiKey(db: Db, id: string): Promise<Date | undefined> {
  const revoked = await db
    .updateTable("api_keys")
    .where("id", "=", id)
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, clock_timestamp())` })
    .returning("revoked_at as revokedAt")
    .executeTakeFirst();
  return revoked?.revokedAt ?? undefined;
}
