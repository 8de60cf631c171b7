// Creates and revokes API keys for the people of the console, as `onsale keys` does. A new key is in the answer to its
// creation and nowhere else: only its hash is stored, and nothing of it is logged.
import type { Db } from "@onsale/database/client";
import { writeAccountActivity } from "@onsale/database/statements/access/account-activities";
import { createApiKey } from "@onsale/database/statements/access/create-api-key";
import { findApiKeys } from "@onsale/database/statements/access/find-api-keys";
import { listAccounts } from "@onsale/database/statements/access/list-accounts";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";
import { readClock } from "@onsale/database/statements/operations/read-clock";
import { generateApiKey } from "@onsale/security/api-key";
import type { ApiScope } from "@onsale/security/api-scope";
import { HttpError } from "../errors/http-error.ts";

/** The key that somebody wants. */
export type WantedKey = Readonly<{
  name: string;
  /** The account's name. */
  account: string;
  scopes: readonly ApiScope[];
  /** Null for a key that does not expire. */
  expiresAt: Date | null;
}>;

export type KeyChanges = Readonly<{
  /**
   * @returns the key, which nothing but this answer has
   * @throws HttpError
   */
  create: (wanted: WantedKey, user: string) => Promise<string>;
  /**
   * @returns the name of the key
   * @throws HttpError
   */
  revoke: (id: string, user: string) => Promise<string>;
}>;

export function createKeyChanges(db: Db): KeyChanges {
  return {
    create: async ({ name, account, scopes, expiresAt }, user) => {
      const owner = (await listAccounts(db)).find((one) => one.name === account);
      if (owner === undefined) throw new HttpError(404, `There is no account with the name ${account}.`);
      // The clock by which gateways compare it may be another one; the database's is the best there is.
      if (expiresAt !== null && expiresAt.getTime() <= (await readClock(db))) {
        throw new HttpError(400, "The time at which the key expires has passed, so the key would never be valid.");
      }
      const { id, hash, key } = generateApiKey();
      await db.transaction().execute(async (tx) => {
        await createApiKey(tx, { id, accountId: owner.id, name, hash, scopes, expiresAt });
        const detail = { id, name, scopes: scopes.join(" ") };
        await writeAccountActivity(tx, { ...entryOf(owner.id, user, id), action: "api-key-created", detail });
      });
      return key;
    },

    revoke: (id, user) =>
      db.transaction().execute(async (tx) => {
        const [known] = await findApiKeys(tx, [id]);
        if (known?.revokedAt != null) throw new HttpError(409, "The key is revoked already.");
        const revoked = await revokeApiKey(tx, id);
        if (revoked === undefined) throw new HttpError(404, "There is no API key with this id.");
        const { accountId, name } = revoked;
        await writeAccountActivity(tx, {
          ...entryOf(accountId, user, id),
          action: "api-key-revoked",
          detail: { id, name },
        });
        return name;
      }),
  };
}

function entryOf(accountId: number, user: string, id: string) {
  return { accountId, actor: `console ${user}`, subject: id };
}
