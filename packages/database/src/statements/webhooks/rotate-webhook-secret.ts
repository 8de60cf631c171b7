// Gives a webhook endpoint a new secret; the previous one also signs for some hours. Locks: its row. Index used: the
// primary key. A second run rotates again, and forgets the secret from before the first run.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/**
 * @param secret sealed
 * @returns when the previous secret expires; undefined when the account has no such endpoint
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
