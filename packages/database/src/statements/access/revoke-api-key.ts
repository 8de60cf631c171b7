// Revokes an API key for good; gateways refuse it after 30 s at most. Locks: its row. Index used: the primary key. A
// second run changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type RevokedKey = Readonly<{
  name: string;
  accountId: number;
  /** When it was revoked for the first time. */
  revokedAt: Date;
}>;

/** @returns undefined when there is no such key */
export function revokeApiKey(db: Db, id: string): Promise<RevokedKey | undefined> {
  return db
    .updateTable("api_keys")
    .where("id", "=", id)
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, clock_timestamp())` })
    .returning(["name", "account_id as accountId", sql<Date>`revoked_at`.as("revokedAt")])
    .executeTakeFirst();
}
