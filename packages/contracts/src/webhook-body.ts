import { type OrderFacts, presentOrder } from "./present-order.ts";
import type { WebhookPayload, WebhookType } from "./webhook.ts";

/**
 * The body of a delivery, the same text in every attempt.
 *
 * @param happenedAt when the order's status changed
 */
export function webhookBody(type: WebhookType, happenedAt: Date, order: OrderFacts): string {
  const payload: WebhookPayload = { type, timestamp: happenedAt.toISOString(), data: { order: presentOrder(order) } };
  return JSON.stringify(payload);
}
