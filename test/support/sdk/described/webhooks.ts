// Webhooks: what is posted, where to, and how it went.
import type {
  CancelledWebhookEvent,
  OrderWebhookEvent,
  RefundWebhookEvent,
  WebhookEvent,
} from "../../../../packages/client/src/webhook/webhook-event.ts";
import type { Delivery, Redelivered, RedeliveryRequest } from "../../../../packages/client/src/wire/delivery.ts";
import type { Page } from "../../../../packages/client/src/wire/page.ts";
import type {
  CreatedWebhook,
  NewWebhook,
  RotatedSecret,
  Webhook,
  WebhookChange,
} from "../../../../packages/client/src/wire/webhook.ts";
import { type Described, line, money, page } from "./notation.ts";
import { order } from "./orders.ts";

const types = {
  "order.held": true,
  "order.confirmed": true,
  "order.rejected": true,
  "order.expired": true,
  "order.cancelled": true,
  "order.refund_required": true,
  "order.waitlisted": true,
  "order.offered": true,
} as const;

const webhook = {
  id: "string",
  url: "string",
  events: [{ oneOf: types }],
  eventCode: { orNull: "string" },
  description: { orNull: "string" },
  enabled: "boolean",
  disabledAt: { orNull: "string" },
  disabledReason: { orNull: "string" },
  createdAt: "string",
  updatedAt: "string",
  links: { self: "string", deliveries: "string" },
} as const satisfies Described<Webhook>;

const attempt = {
  number: "number",
  result: {
    oneOf: {
      delivered: true,
      "http-error": true,
      redirect: true,
      gone: true,
      timeout: true,
      "network-error": true,
      refused: true,
      "internal-error": true,
    },
  },
  status: { orNull: "number" },
  responseBody: { orNull: "string" },
  error: { orNull: "string" },
  startedAt: "string",
  durationMs: "number",
} as const;

const delivery = {
  id: "string",
  type: { oneOf: { ...types, "webhook.ping": true } },
  orderId: { orNull: "string" },
  status: { oneOf: { PENDING: true, DELIVERED: true, FAILED: true } },
  nextAttemptAt: { orNull: "string" },
  createdAt: "string",
  finishedAt: { orNull: "string" },
  attempts: [attempt],
} as const satisfies Described<Delivery>;

export const describedWebhooks = {
  Webhook: webhook,
  WebhookPage: { content: [webhook], ...page } satisfies Described<Page<Webhook>>,
  CreatedWebhook: { ...webhook, secret: "string" } satisfies Described<CreatedWebhook>,
  NewWebhook: {
    url: "string",
    events: [{ oneOf: types }],
    "eventCode?": "string",
    "description?": "string",
  } satisfies Described<NewWebhook>,
  WebhookChange: {
    "url?": "string",
    "events?": [{ oneOf: types }],
    "eventCode?": { orNull: "string" },
    "description?": { orNull: "string" },
    "enabled?": "boolean",
  } satisfies Described<WebhookChange>,
  RotatedSecret: { secret: "string", previousSecretExpiresAt: "string" } satisfies Described<RotatedSecret>,
  Delivery: delivery,
  DeliveryPage: { content: [delivery], ...page } satisfies Described<Page<Delivery>>,
  Redelivery: {
    from: "string",
    to: "string",
    "includeDelivered?": "boolean",
    "includeMissed?": "boolean",
    "cursor?": "string",
  } satisfies Described<RedeliveryRequest>,
  Redelivered: {
    count: "number",
    created: "number",
    nextCursor: { orNull: "string" },
  } satisfies Described<Redelivered>,
  WebhookPayload: {
    type: {
      oneOf: { ...types, "webhook.ping": true },
    },
    timestamp: "string",
    // Each is missing in some types. The client checks which ones a type must have.
    data: { "order?": order, "cancelledItems?": [line], "refund?": money, "paymentReference?": "string" },
  } satisfies Described<{
    type: Exclude<WebhookEvent["type"], "unknown">;
    timestamp: WebhookEvent["timestamp"];
    data: Partial<OrderWebhookEvent["data"] & CancelledWebhookEvent["data"] & RefundWebhookEvent["data"]>;
  }>,
};
