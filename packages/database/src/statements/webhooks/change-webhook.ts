// Changes a webhook endpoint, and announces it: one that is enabled again may have deliveries that are due, and its
// failures are forgotten; the notifiers stop posting to one that is disabled (posts-lock.ts tells when they have).
// Locks: its row. Index used: the primary key. A second run changes nothing but `updated_at`.
import type { WebhookType } from "@onsale/contracts/webhook";
import { sql } from "kysely";
import { webhookStopsChannel, webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";

/** Undefined properties are not changed; Kysely leaves them out of the statement. */
export type WebhookPatch = Readonly<{
  url?: string | undefined;
  types?: readonly WebhookType[] | undefined;
  eventId?: number | null | undefined;
  description?: string | null | undefined;
  enabled?: boolean | undefined;
}>;

const disabledByHand = "Disabled by hand.";

/** @returns false when the account has no such endpoint */
export async function changeWebhook(db: Db, accountId: number, id: string, patch: WebhookPatch): Promise<boolean> {
  const { url, types, eventId, description, enabled } = patch;
  const enabling = {
    active_since: sql<Date>`CASE WHEN disabled_at IS NULL THEN active_since ELSE clock_timestamp() END`,
    disabled_at: null,
    disabled_reason: null,
    failing_since: null,
  };
  const disabling = {
    disabled_at: sql<Date>`coalesce(disabled_at, clock_timestamp())`,
    disabled_reason: sql<string>`coalesce(disabled_reason, ${disabledByHand})`,
  };
  const changed = await db
    .updateTable("webhook_endpoints")
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .set({
      url,
      types: types && [...types],
      event_id: eventId,
      description,
      ...(enabled === true ? enabling : {}),
      ...(enabled === false ? disabling : {}),
      updated_at: sql<Date>`clock_timestamp()`,
    })
    .returning(sql`pg_notify(${enabled === false ? webhookStopsChannel : webhooksChannel}, id::text)`.as("notified"))
    .executeTakeFirst();
  return changed !== undefined;
}
