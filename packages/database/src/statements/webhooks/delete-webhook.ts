// Deletes a webhook endpoint with its deliveries and their attempts. Locks: its row, then theirs. Indexes used: the
// primary keys, webhook_deliveries_by_endpoint. A second run finds nothing.
import type { Db } from "../../client.ts";

/** @returns false when the account has no such endpoint */
export async function deleteWebhook(db: Db, accountId: number, id: string): Promise<boolean> {
  const deleted = await db
    .deleteFrom("webhook_endpoints")
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .returning("id")
    .executeTakeFirst();
  return deleted !== undefined;
}
