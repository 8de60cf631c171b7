// Reads an account's API keys, also those that are revoked or expired. No locks. Index used: api_keys_by_account.
import type { Db } from "../../client.ts";

/** A key as people see it, without its hash. */
export type ApiKeyListing = Readonly<{
  id: string;
  name: string;
  scopes: readonly string[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute; null when the key was never used. */
  lastUsedAt: Date | null;
}>;

/** The newest key first. */
export function listApiKeys(db: Db, accountId: number): Promise<ApiKeyListing[]> {
  return db
    .selectFrom("api_keys")
    .where("account_id", "=", accountId)
    .select(["id", "name", "scopes", "created_at as createdAt"])
    .select(["expires_at as expiresAt", "revoked_at as revokedAt", "last_used_at as lastUsedAt"])
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
}
