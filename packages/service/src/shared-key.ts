import type { Db } from "@onsale/database/client";
import { claimKey } from "@onsale/database/statements/operations/claim-key";

/**
 * Refuses a key that is not the one with which the database was used before: what is stored under hashes with it would
 * not be found again. The first process that has a key decides which one it is.
 *
 * @param variable the setting that gives the key
 * @param digest of the key; undefined: the process was started without
 * @throws Error with a sentence that says what to do
 */
export async function requireSharedKey(db: Db, variable: string, digest: Buffer | undefined): Promise<void> {
  if (digest === undefined || (await claimKey(db, variable, digest))) return;
  const what = `${variable} is not the key with which this database was used before`;
  throw new Error(`${what}; start all processes with the same one, as the processes that run have it`);
}
