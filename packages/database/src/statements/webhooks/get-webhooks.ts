// Reads webhook endpoints. No locks. Indexes used: the primary key, webhook_endpoints_by_account.
import type { Db } from "../../client.ts";
import { selectWebhooks, type WebhookRow } from "./webhook-row.ts";

/** One endpoint of an account, or undefined. */
export function getWebhook(db: Db, accountId: number, id: string): Promise<WebhookRow | undefined> {
  return selectWebhooks(db, accountId).where("w.id", "=", id).executeTakeFirst();
}

/** Where a page begins: after `offset` of the newest endpoints, or after the endpoint with `afterId`. */
export type WebhookPageStart = Readonly<{ offset: number } | { afterId: string }>;

/** An account's endpoints, the newest first (their ids rise with time), at most `count`. */
export function listWebhooks(db: Db, accountId: number, start: WebhookPageStart, count: number): Promise<WebhookRow[]> {
  const query = selectWebhooks(db, accountId).orderBy("w.id", "desc").limit(count);
  return "offset" in start ? query.offset(start.offset).execute() : query.where("w.id", "<", start.afterId).execute();
}

/** How many endpoints an account has. */
export async function countWebhooks(db: Db, accountId: number): Promise<number> {
  const query = db
    .selectFrom("webhook_endpoints")
    .where("account_id", "=", accountId)
    .select((eb) => eb.fn.countAll<number>().as("count"));
  return (await query.executeTakeFirstOrThrow()).count;
}
