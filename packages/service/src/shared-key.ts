import type { Db } from "@onsale/database/client";
import { claimKey } from "@onsale/database/statements/operations/claim-key";
import { keyDigest } from "@onsale/security/customer-hash";

/**
 * Refuses a key that is not the one with which the database was used before: what is stored under hashes with it would
 * not be found again. The first process that has a key decides which one it is.
 *
 * @param variable the setting that gives the key
 * @param key undefined: the process was started without
 * @throws Error with a sentence that says what to do
 */
export async function requireSharedKey(db: Db, variable: string, key: Buffer | undefined): Promise<void> {
  if (key === undefined || (await claimKey(db, variable, keyDigest(key)))) return;
  const what = `${variable} is not the key with which this database was used before`;
  throw new Error(`${what}; start all processes with the same one, as the processes that run have it`);
}
