// Reads all accounts. No locks, no index.
import type { Db } from "../../client.ts";

export type AccountRow = Readonly<{ id: number; name: string; createdAt: Date }>;

/** All accounts, the oldest first. */
export function listAccounts(db: Db): Promise<AccountRow[]> {
  return db.selectFrom("accounts").select(["id", "name", "created_at as createdAt"]).orderBy("id").execute();
}
