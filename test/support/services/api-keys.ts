// Creates API keys for tests, through the statements that the services use.
import type { Db } from "@onsale/database/client";
import { createApiKey } from "@onsale/database/statements/access/create-api-key";
import { generateApiKey } from "@onsale/security/api-key";
import { type ApiScope, apiScopes, isApiScope } from "@onsale/security/api-scope";
import { defaultAccountId } from "../database/factories.ts";

type KeyPart = Readonly<{ accountId?: number; scopes?: readonly ApiScope[]; expiresAt?: Date | null }>;

export const allScopes: readonly ApiScope[] = Object.keys(apiScopes).filter(isApiScope);

/** Creates a key; by default of the default account, with the scope admin and without expiry. */
export async function createKey(db: Db, part: KeyPart = {}): Promise<Readonly<{ id: string; key: string }>> {
  const { accountId = defaultAccountId, scopes = ["admin"], expiresAt = null } = part;
  const { id, key, hash } = generateApiKey();
  await createApiKey(db, { id, accountId, name: "a key of a test", hash, scopes, expiresAt });
  return { id, key };
}
