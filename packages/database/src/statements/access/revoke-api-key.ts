// Revokes an API key for good; gateways stop taking it within 30 s. Locks: its row. A second run changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** @returns when it was revoked, first; undefined when there is no such key */
export async function revokeApiKey(db: Db, id: string): Promise<Date | undefined> {
  const revoked = await db
    .updateTable("api_keys")
    .where("id", "=", id)
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, clock_timestamp())` })
    .returning("revoked_at as revokedAt")
    .executeTakeFirst();
  return revoked?.revokedAt ?? undefined;
}
