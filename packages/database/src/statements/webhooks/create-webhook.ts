// Registers a webhook endpoint, unless the account has as many as it may. Locks: the account's row, so that two at once
// do not both take the last place.
import type { WebhookType } from "@onsale/contracts/webhook";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { countWebhooks } from "./get-webhooks.ts";

export type WebhookToCreate = Readonly<{
  id: string;
  accountId: number;
  eventId: number | null;
  url: string;
  types: readonly WebhookType[];
  description: string | null;
  /** Sealed. */
  secret: Buffer;
}>;

/** Each decision that endpoints want is matched against all of them. */
export const webhookCountMax = 100;

/** @returns false when there is no room for another one */
export function createWebhook(db: Db, webhook: WebhookToCreate): Promise<boolean> {
  const { id, accountId, eventId, url, types, description, secret } = webhook;
  return db.transaction().execute(async (tx) => {
    await sql`SELECT FROM accounts WHERE id = ${accountId} FOR UPDATE`.execute(tx);
    if ((await countWebhooks(tx, accountId)) >= webhookCountMax) return false;
    await tx
      .insertInto("webhook_endpoints")
      .values({ id, account_id: accountId, event_id: eventId, url, types: [...types], description, secret })
      .execute();
    return true;
  });
}
