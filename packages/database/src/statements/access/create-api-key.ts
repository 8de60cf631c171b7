// Stores an API key: its hash, never the key itself. Locks: the account's row, shared, because of the foreign key. A
// second run fails because the id is taken (SQLSTATE 23505). Index used: the primary keys.
import type { Db } from "../../client.ts";

/** `id` and `hash` are those of a new key (`generateApiKey`). */
export type ApiKeyToCreate = Readonly<{
  id: string;
  accountId: number;
  name: string;
  hash: Buffer;
  scopes: readonly string[];
  /** Null for a key that does not expire. */
  expiresAt: Date | null;
}>;

/** @throws the error of the statement, also for an account that does not exist (SQLSTATE 23503) */
export async function createApiKey(db: Db, key: ApiKeyToCreate): Promise<void> {
  const { id, accountId, name, hash, scopes, expiresAt } = key;
  await db
    .insertInto("api_keys")
    .values({ id, account_id: accountId, name, hash, scopes: [...scopes], expires_at: expiresAt })
    .execute();
}
