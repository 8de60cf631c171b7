import { type OrderFacts, presentOrder, totalOf } from "./present-order.ts";
import type { WebhookPayload, WebhookType } from "./webhook.ts";

/** What a fact says beyond the order's state. */
export type WebhookDetail = Readonly<{
  /** Of `order.cancelled`: the tickets that were given back. */
  cancelledItems?: readonly Readonly<{ ticketType: string; quantity: number }>[];
  /** Of `order.cancelled`: whether they were paid, so that their price has to be refunded. */
  wasConfirmed?: boolean;
  /** Of `order.refund_required`: the payment to pay back. */
  paymentReference?: string;
}>;

/**
 * The body of a delivery, the same text in every attempt.
 *
 * @param happenedAt when the order's status changed
 * @param order as the change left it
 */
export function webhookBody(
  type: WebhookType,
  happenedAt: Date,
  order: OrderFacts,
  detail: WebhookDetail | null = null,
): string {
  const { cancelledItems, wasConfirmed = false, paymentReference } = detail ?? {};
  const refund = cancelledItems === undefined || !wasConfirmed ? null : totalOf(cancelledItems, order.terms?.prices);
  const payload: WebhookPayload = {
    type,
    timestamp: happenedAt.toISOString(),
    data: {
      order: presentOrder(order),
      ...(cancelledItems === undefined ? {} : { cancelledItems: [...cancelledItems] }),
      ...(refund === null ? {} : { refund }),
      ...(paymentReference === undefined ? {} : { paymentReference }),
    },
  };
  return JSON.stringify(payload);
}
