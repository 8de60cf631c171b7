// Creates an account. Locks: none that others wait for. Index used: accounts_name. A second run finds the name taken,
// and changes nothing.
import type { Db } from "../../client.ts";

/** @returns its id, or undefined when another account has this name */
export async function createAccount(db: Db, name: string): Promise<number | undefined> {
  const created = await db
    .insertInto("accounts")
    .values({ name })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("id")
    .executeTakeFirst();
  return created?.id;
}
