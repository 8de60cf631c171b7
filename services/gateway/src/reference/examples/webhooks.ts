// Examples of webhook endpoints, their deliveries, and what is posted to them.
import type { Order } from "@onsale/contracts/order";
import { webhookTypes } from "@onsale/contracts/values";
import type {
  CreatedWebhook,
  Delivery,
  DeliveryType,
  NewWebhook,
  Redelivery,
  Webhook,
  WebhookChange,
  WebhookPayload,
} from "@onsale/contracts/webhook";
import { deliveryId, orderId, webhookId, webhookPath } from "./ids.ts";
import { type ExamplesByOperation, only, pageOf } from "./operation-examples.ts";
import { orderExamples } from "./orders.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const webhook: Webhook = {
  id: webhookId,
  url: "https://shop.example.com/hooks/onsale",
  events: [...webhookTypes],
  eventCode: null,
  description: "The shop's order service",
  enabled: true,
  disabledAt: null,
  disabledReason: null,
  createdAt: "2026-11-20T10:00:00.000Z",
  updatedAt: "2026-11-20T10:00:00.000Z",
  links: { self: webhookPath, deliveries: `${webhookPath}/deliveries` },
};
const createdWebhook: CreatedWebhook = { ...webhook, secret };
const { url, events } = webhook;
const newWebhook: NewWebhook = { url, events, description: "The shop's order service" };
const enable: WebhookChange = { enabled: true };
const fewer: WebhookChange = { events: ["order.confirmed", "order.cancelled"] };

const due: Delivery = {
  id: deliveryId,
  type: "order.confirmed",
  orderId,
  status: "PENDING",
  nextAttemptAt: "2026-12-01T09:00:01.000Z",
  createdAt: "2026-12-01T09:00:00.437Z",
  finishedAt: null,
  attempts: [],
};
const delivered: Delivery = {
  ...due,
  status: "DELIVERED",
  nextAttemptAt: null,
  finishedAt: "2026-12-01T09:00:00.611Z",
  attempts: [
    {
      number: 1,
      result: "delivered",
      status: 200,
      responseBody: "ok",
      error: null,
      startedAt: "2026-12-01T09:00:00.520Z",
      durationMs: 91,
    },
  ],
};
const ping: Delivery = { ...due, type: "webhook.ping", orderId: null };
const range: Redelivery = { from: "2026-12-01T09:00:00.000Z", to: "2026-12-01T10:00:00.000Z", includeMissed: true };

export const webhookOperations: ExamplesByOperation = {
  listWebhooks: { answers: { 200: only("A list of one endpoint", pageOf([webhook])) } },
  getWebhook: { answers: { 200: only("An endpoint", webhook) } },
  createWebhook: {
    request: only("All facts of all events", newWebhook),
    answers: { 201: only("The only answer with the secret", createdWebhook) },
  },
  changeWebhook: {
    request: {
      enable: { summary: "Enable it again", value: enable },
      fewer: { summary: "Fewer facts", value: fewer },
    },
    answers: { 200: only("The endpoint after it", webhook) },
  },
  rotateWebhookSecret: {
    answers: {
      200: only("Both secrets sign for a day", { secret, previousSecretExpiresAt: "2026-12-02T09:00:00.000Z" }),
    },
  },
  listWebhookDeliveries: { answers: { 200: only("A delivery that arrived", pageOf([delivered])) } },
  pingWebhook: { answers: { 202: only("A ping", ping) } },
  redeliverDelivery: {
    answers: { 202: only("It is due again", { ...delivered, ...due, attempts: delivered.attempts }) },
  },
  redeliverDeliveries: {
    request: only("An hour, with what was missed", range),
    answers: { 202: only("All of it is due", { count: 12, created: 3, nextCursor: null }) },
  },
};

const timestamp = "2026-12-01T09:00:00.437Z";
const of = (order: Order) => ({ order });
const returned = [
  { ticketType: "VIP", quantity: 1 },
  { ticketType: "STANDARD", quantity: 2 },
];
const facts: Readonly<Record<DeliveryType, WebhookPayload["data"]>> = {
  "order.held": of(orderExamples.held),
  "order.confirmed": of(orderExamples.confirmed),
  "order.rejected": of(orderExamples.rejected),
  "order.expired": of(orderExamples.expired),
  "order.cancelled": {
    ...of(orderExamples.cancelled),
    cancelledItems: returned,
    refund: { amount: 21_000, currency: "EUR" },
  },
  "order.refund_required": { ...of(orderExamples.expired), paymentReference: "pay_8Jk2" },
  "order.waitlisted": of(orderExamples.waiting),
  "order.offered": of(orderExamples.offered),
  "webhook.ping": {},
};

/** The body of a delivery of a type. */
export function examplePayload(type: DeliveryType): WebhookPayload {
  return { type, timestamp, data: facts[type] };
}
