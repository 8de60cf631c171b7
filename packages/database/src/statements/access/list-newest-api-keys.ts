// Reads the API keys of all accounts, also those that are revoked or expired, for the console. No locks, no index: an
// installation has tens of keys.
import type { Db } from "../../client.ts";
import type { ApiKeyListing } from "./list-api-keys.ts";

export type NamedApiKey = ApiKeyListing & Readonly<{ accountName: string }>;

/** The newest keys first, at most `count` after the first `offset`. */
export function listNewestApiKeys(db: Db, offset: number, count: number): Promise<NamedApiKey[]> {
  return db
    .selectFrom("api_keys as k")
    .innerJoin("accounts", "accounts.id", "k.account_id")
    .select(["k.id", "k.name", "k.scopes", "k.created_at as createdAt", "accounts.name as accountName"])
    .select(["k.expires_at as expiresAt", "k.revoked_at as revokedAt", "k.last_used_at as lastUsedAt"])
    .orderBy("k.created_at", "desc")
    .orderBy("k.id")
    .limit(count)
    .offset(offset)
    .execute();
}
