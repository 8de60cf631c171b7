// `POST /hooks/onsale`: a webhook. Onsale says here what has to be paid back, also for orders that somebody else
// cancelled. Of a payment the shop keeps what its order is worth and no more. That rule can be applied at any time and
// in any order, so webhooks and callbacks that are repeated or overtake each other pay nothing back twice.
import { verifyWebhook, type WebhookEvent, WebhookVerificationError } from "@onsale/client";
import type { Answer, Received } from "./http.ts";
import type { Shop } from "./parts.ts";

export async function onWebhook(shop: Shop, { headers, body }: Received): Promise<Answer> {
  try {
    await act(shop, await verifyWebhook(headers, body, shop.secret()));
    return { status: 204 };
  } catch (error) {
    if (error instanceof WebhookVerificationError) return { status: 400 };
    throw error;
  }
}

async function act({ payments, log }: Shop, event: WebhookEvent): Promise<void> {
  switch (event.type) {
    case "order.refund_required": {
      const { order, paymentReference } = event.data;
      await payments.keepOnly(paymentReference, 0);
      log(`${order.id}: paid back ${paymentReference}, which has no tickets`);
      return;
    }
    case "order.cancelled": {
      const { order, refund } = event.data;
      // Only a confirmed order was paid.
      if (order.paymentReference === null) return;
      await payments.keepOnly(order.paymentReference, order.status === "CANCELLED" ? 0 : (order.total?.amount ?? 0));
      log(`${order.id}: paid back ${refund?.amount} ${refund?.currency} for cancelled tickets`);
      return;
    }
    case "order.expired":
      log(`${event.data.order.id}: not paid in time, its tickets are on sale again`);
  }
}
