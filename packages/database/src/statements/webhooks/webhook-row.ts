import type { WebhookType } from "@onsale/contracts/webhook";
import type { Db } from "../../client.ts";

/** A webhook endpoint without its secrets. */
export type WebhookRow = Readonly<{
  id: string;
  url: string;
  types: readonly WebhookType[];
  /** Only of this event; null for all. */
  eventId: number | null;
  eventCode: string | null;
  description: string | null;
  disabledAt: Date | null;
  disabledReason: string | null;
  createdAt: Date;
  updatedAt: Date;
}>;

/** An account's endpoints; the caller adds the conditions. */
export function selectWebhooks(db: Db, accountId: number) {
  return db
    .selectFrom("webhook_endpoints as w")
    .leftJoin("events", "events.id", "w.event_id")
    .where("w.account_id", "=", accountId)
    .select([
      "w.id",
      "w.url",
      "w.types",
      "w.event_id as eventId",
      "events.code as eventCode",
      "w.description",
      "w.disabled_at as disabledAt",
      "w.disabled_reason as disabledReason",
      "w.created_at as createdAt",
      "w.updated_at as updatedAt",
    ]);
}
