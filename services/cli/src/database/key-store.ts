// The statements that `keys` and `accounts` run in the database.
import type { Db } from "@onsale/database/client";
import { createAccount } from "@onsale/database/statements/access/create-account";
import { type ApiKeyToCreate, createApiKey } from "@onsale/database/statements/access/create-api-key";
import { type AccountRow, listAccounts } from "@onsale/database/statements/access/list-accounts";
import { type ApiKeyListing, listApiKeys } from "@onsale/database/statements/access/list-api-keys";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";

export type KeyStore = Readonly<{
  /** @returns its id; undefined when the name is taken */
  createAccount: (name: string) => Promise<number | undefined>;
  /** The oldest first. */
  listAccounts: () => Promise<AccountRow[]>;
  createApiKey: (key: ApiKeyToCreate) => Promise<void>;
  /** The newest first. */
  listApiKeys: (accountId: number) => Promise<ApiKeyListing[]>;
  /** @returns when it was revoked, now or before; undefined when there is no such key */
  revokeApiKey: (id: string) => Promise<Date | undefined>;
}>;

/**
 * Runs something on the keys and accounts in the database.
 *
 * @throws CommandError when the database cannot be used
 */
export type WithKeyStore = <T>(run: (store: KeyStore) => Promise<T>) => Promise<T>;

export function createKeyStore(db: Db): KeyStore {
  return {
    createAccount: (name) => createAccount(db, name),
    listAccounts: () => listAccounts(db),
    createApiKey: (key) => createApiKey(db, key),
    listApiKeys: (accountId) => listApiKeys(db, accountId),
    revokeApiKey: async (id) => (await revokeApiKey(db, id))?.revokedAt,
  };
}
