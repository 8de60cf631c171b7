// Webhook endpoints and deliveries as the API shows them.
import { basePath } from "@onsale/contracts/values";
import type { Delivery, Webhook } from "@onsale/contracts/webhook";
import type { DeliveryRow } from "@onsale/database/statements/deliveries/list-deliveries";
import type { WebhookRow } from "@onsale/database/statements/webhooks/webhook-row";
import { Type } from "typebox";

/** The path parameters of an endpoint's routes. */
export const byWebhookId = Type.Object({ id: Type.String({ description: "The endpoint's id." }) });

/** A webhook endpoint as the API shows it. */
export function presentWebhook(row: WebhookRow): Webhook {
  const { id, url, types, eventCode, description, disabledReason } = row;
  const self = `${basePath}/webhooks/${id}`;
  return {
    id,
    url,
    events: [...types],
    eventCode,
    description,
    enabled: row.disabledAt === null,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    disabledReason,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    links: { self, deliveries: `${self}/deliveries` },
  };
}

/** A delivery as the API shows it. */
export function presentDelivery(row: DeliveryRow): Delivery {
  const { id, type, orderId, status } = row;
  return {
    id,
    type,
    orderId,
    status,
    nextAttemptAt: status === "PENDING" ? row.nextAttemptAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    attempts: row.attempts.map(({ startedAtMs, ...attempt }) => ({
      ...attempt,
      startedAt: new Date(startedAtMs).toISOString(),
    })),
  };
}
