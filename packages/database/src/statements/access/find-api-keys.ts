// Finds API keys by their ids, any number with one statement. No locks. Index used: the primary key.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** What a gateway needs to accept a key; the caller compares the hash. */
export type ApiKeyRow = Readonly<{
  id: string;
  accountId: number;
  hash: Buffer;
  scopes: readonly string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
}>;

/** The keys with these ids that exist, in no particular order. */
export function findApiKeys(db: Db, ids: readonly string[]): Promise<ApiKeyRow[]> {
  return db
    .selectFrom("api_keys")
    .where(sql<boolean>`id = ANY(${ids}::text[])`)
    .select(["id", "account_id as accountId", "hash", "scopes"])
    .select(["expires_at as expiresAt", "revoked_at as revokedAt"])
    .execute();
}
