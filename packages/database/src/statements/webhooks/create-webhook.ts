// Registers a webhook endpoint, unless the account has as many as it may. Locks: the account's row, so that two
// registrations at once cannot exceed the limit; FOR NO KEY UPDATE, which blocks no statement that only refers to the
// account, such as a new event or API key. Indexes used: the primary keys, webhook_endpoints_by_account. A second
// run fails because the id is taken (SQLSTATE 23505).
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

/** Endpoints of an account at most: each of its decisions is matched against all of them. */
export const webhookCountMax = 100;

/** @returns false when the account has `webhookCountMax` endpoints already */
export function createWebhook(db: Db, webhook: WebhookToCreate): Promise<boolean> {
  const { id, accountId, eventId, url, types, description, secret } = webhook;
  return db.transaction().execute(async (tx) => {
    await sql`SELECT FROM accounts WHERE id = ${accountId} FOR NO KEY UPDATE`.execute(tx);
    if ((await countWebhooks(tx, accountId)) >= webhookCountMax) return false;
    await tx
      .insertInto("webhook_endpoints")
      .values({ id, account_id: accountId, event_id: eventId, url, types: [...types], description, secret })
      .execute();
    return true;
  });
}
