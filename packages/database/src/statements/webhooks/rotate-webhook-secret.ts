// Gives a webhook endpoint another secret; the one before signs as well for a while. Locks: its row. A second run rotates
// once more: the secret before the last one is forgotten then.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/**
 * @param secret sealed
 * @returns when the secret before expires; undefined when the account has no such endpoint
 */
export async function rotateWebhookSecret(
  db: Db,
  accountId: number,
  id: string,
  secret: Buffer,
  overlapHours: number,
): Promise<Date | undefined> {
  const rotated = await db
    .updateTable("webhook_endpoints")
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .set((eb) => ({
      secret,
      previous_secret: eb.ref("secret"),
      previous_secret_expires: sql<Date>`clock_timestamp() + ${overlapHours}::int * interval '1 hour'`,
      updated_at: sql<Date>`clock_timestamp()`,
    }))
    .returning("previous_secret_expires as expiresAt")
    .executeTakeFirst();
  return rotated?.expiresAt ?? undefined;
}
