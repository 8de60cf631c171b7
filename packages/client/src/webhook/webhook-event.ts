// The content of webhooks.
import { isMoney, type Money } from "../wire/money.ts";
import { isLines, isOrder, type Line, type Order } from "../wire/order.ts";
import { isRecord } from "../wire/shape.ts";

/**
 * An order was decided, was confirmed after it was held, or was held and has expired; it waits for tickets, or was
 * offered some, which it holds until `expiresAt`.
 */
export type OrderWebhookEvent = Readonly<{
  type: "order.held" | "order.confirmed" | "order.rejected" | "order.expired" | "order.waitlisted" | "order.offered";
  /** When it happened; RFC 3339. */
  timestamp: string;
  /** The order as this left it. Of two webhooks about an order, the one with the higher `version` is newer. */
  data: Readonly<{ order: Order }>;
}>;

/** An order was cancelled, or some of its tickets were. */
export type CancelledWebhookEvent = Readonly<{
  type: "order.cancelled";
  timestamp: string;
  data: Readonly<{
    order: Order;
    /** The tickets that were given back. */
    cancelledItems: readonly Line[];
    /** Their price, if they had one. There is nothing to pay back when the order was not confirmed. */
    refund?: Money;
  }>;
}>;

/** A payment came for an order that has no tickets for it: pay it back. It is sent once for each payment. */
export type RefundWebhookEvent = Readonly<{
  type: "order.refund_required";
  timestamp: string;
  data: Readonly<{
    order: Order;
    /** The payment to pay back, as `confirm` had it. */
    paymentReference: string;
  }>;
}>;

/** A test, to see whether the endpoint answers. */
export type PingWebhookEvent = Readonly<{
  type: "webhook.ping";
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}>;

/** A genuine webhook of a type that this version does not know: answer 204 and ignore it. */
export type UnknownWebhookEvent = Readonly<{
  type: "unknown";
  /** The type as it was sent. */
  unknownType: string;
  timestamp: string;
  data: unknown;
}>;

/** The content of a webhook; switch on its `type`. */
export type WebhookEvent =
  | OrderWebhookEvent
  | CancelledWebhookEvent
  | RefundWebhookEvent
  | PingWebhookEvent
  | UnknownWebhookEvent;

/** Reads a webhook's body; undefined when it is not one of this API. */
export function readWebhookEvent(body: unknown): WebhookEvent | undefined {
  if (!isRecord(body)) return undefined;
  const { type, timestamp, data } = body;
  if (typeof type !== "string" || typeof timestamp !== "string") return undefined;
  switch (type) {
    case "order.held":
    case "order.confirmed":
    case "order.rejected":
    case "order.expired":
    case "order.waitlisted":
    case "order.offered":
      return isRecord(data) && isOrder(data.order) ? { type, timestamp, data: { order: data.order } } : undefined;
    case "order.cancelled": {
      if (!isRecord(data) || !isOrder(data.order) || !isLines(data.cancelledItems)) return undefined;
      const { order, cancelledItems, refund } = data;
      return { type, timestamp, data: isMoney(refund) ? { order, cancelledItems, refund } : { order, cancelledItems } };
    }
    case "order.refund_required": {
      if (!isRecord(data) || !isOrder(data.order) || typeof data.paymentReference !== "string") return undefined;
      return { type, timestamp, data: { order: data.order, paymentReference: data.paymentReference } };
    }
    case "webhook.ping":
      return isRecord(data) ? { type, timestamp, data } : undefined;
    default:
      return { type: "unknown", unknownType: type, timestamp, data };
  }
}
