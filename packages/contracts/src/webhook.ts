import { type Static, Type } from "typebox";
import { Order, type OrderStatus } from "./order.ts";
import { Page } from "./page.ts";
import { EventCode, Nullable, PlainText, Ref, Timestamp } from "./text.ts";

/** The facts that an endpoint can subscribe to. */
export const webhookTypes = ["order.confirmed", "order.rejected"] as const;
export type WebhookType = (typeof webhookTypes)[number];

/** What is sent: a fact, or the answer to `POST /webhooks/{id}/ping`. */
export const deliveryTypes = [...webhookTypes, "webhook.ping"] as const;
export type DeliveryType = (typeof deliveryTypes)[number];

/** The fact that an order's change to a status is, if endpoints can subscribe to it. */
export function webhookTypeOf(status: OrderStatus): WebhookType | undefined {
  return webhookTypes.find((type) => type === `order.${status.toLowerCase()}`);
}

/** What an endpoint receives: one JSON body of at most 20 kB, the same in every attempt. */
export const WebhookPayload = Type.Object(
  {
    type: Type.Enum([...deliveryTypes]),
    timestamp: Timestamp("When it happened."),
    data: Type.Object({ order: Type.Optional(Ref(Order)) }, { description: "The order; empty in a ping." }),
  },
  { $id: "WebhookPayload" },
);
export type WebhookPayload = Static<typeof WebhookPayload>;

/** Characters of an endpoint's URL at most. */
export const webhookUrlMax = 2_048;
const Url = Type.String({
  minLength: 1,
  maxLength: webhookUrlMax,
  description: "Where to POST: https, and an address that is public.",
  examples: ["https://shop.example.com/hooks/onsale"],
});
const Types = Type.Array(Type.Enum([...webhookTypes]), {
  minItems: 1,
  maxItems: webhookTypes.length,
  uniqueItems: true,
  description: "The facts to send.",
  examples: [[...webhookTypes]],
});
const Description = PlainText(200, { description: "For people.", examples: ["The shop's order service"] });

/** The body of `POST /webhooks`. */
export const NewWebhook = Type.Object(
  {
    url: Url,
    events: Types,
    eventCode: Type.Optional(EventCode),
    description: Type.Optional(Description),
  },
  {
    $id: "NewWebhook",
    additionalProperties: false,
    examples: [{ url: "https://shop.example.com/hooks/onsale", events: [...webhookTypes] }],
  },
);
export type NewWebhook = Static<typeof NewWebhook>;

/** The body of `PATCH /webhooks/{id}`: what is not named stays as it is. */
export const WebhookChange = Type.Object(
  {
    url: Type.Optional(Url),
    events: Type.Optional(Types),
    eventCode: Type.Optional(Nullable(EventCode)),
    description: Type.Optional(Nullable(Description)),
    enabled: Type.Optional(Type.Boolean({ description: "False stops sending; true goes on with what is due." })),
  },
  { $id: "WebhookChange", additionalProperties: false, minProperties: 1, examples: [{ enabled: true }] },
);
export type WebhookChange = Static<typeof WebhookChange>;

const webhookFields = {
  id: Type.String({ format: "uuid", examples: ["0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"] }),
  url: Url,
  events: Types,
  eventCode: Nullable(EventCode),
  description: Nullable(Description),
  enabled: Type.Boolean(),
  disabledAt: Nullable(Timestamp("Since when nothing is sent.")),
  disabledReason: Nullable(Type.String({ examples: ["The receiver answered 410 Gone."] })),
  createdAt: Timestamp("When it was registered."),
  updatedAt: Timestamp("When it was changed last."),
  links: Type.Object({
    self: Type.String({ examples: ["/api/v1/webhooks/0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"] }),
    deliveries: Type.String({ examples: ["/api/v1/webhooks/0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10/deliveries"] }),
  }),
};

/** A webhook endpoint as it is answered. */
export const Webhook = Type.Object(webhookFields, { $id: "Webhook" });
export type Webhook = Static<typeof Webhook>;

const Secret = Type.String({
  description: "Verify signatures with it. It is not shown again.",
  examples: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
});

/** The answer to `POST /webhooks`: the only one with the secret. */
export const CreatedWebhook = Type.Object({ ...webhookFields, secret: Secret }, { $id: "CreatedWebhook" });
export type CreatedWebhook = Static<typeof CreatedWebhook>;

/** The answer to `POST /webhooks/{id}/rotate-secret`. */
export const RotatedSecret = Type.Object(
  { secret: Secret, previousSecretExpiresAt: Timestamp("Until then the secret before signs as well.") },
  { $id: "RotatedSecret" },
);
export type RotatedSecret = Static<typeof RotatedSecret>;

export const WebhookPage = Page("WebhookPage", Ref(Webhook));

export const deliveryStatuses = ["PENDING", "DELIVERED", "FAILED"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export const attemptResults = [
  "delivered",
  "http-error",
  "redirect",
  "gone",
  "timeout",
  "network-error",
  "refused",
  "internal-error",
] as const;
export type AttemptResult = (typeof attemptResults)[number];

/** How an attempt ended, for the documentation. */
export const attemptResultMeanings: Readonly<Record<AttemptResult, string>> = {
  delivered: "the receiver answered 2xx",
  "http-error": "it answered something else",
  redirect: "it answered 3xx, which is not followed",
  gone: "it answered 410, which disables the endpoint",
  timeout: "it did not answer in time",
  "network-error": "it could not be reached, or broke off",
  refused: "its address is not one that webhooks may be sent to; nothing was sent",
  "internal-error": "its secret cannot be read; nothing was sent",
};

const Attempt = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  result: Type.Enum([...attemptResults]),
  status: Nullable(Type.Integer({ description: "Of the answer.", examples: [200] })),
  responseBody: Nullable(Type.String({ description: "The first 1 KiB of the answer." })),
  error: Nullable(Type.String({ description: "What happened, when there was no answer." })),
  startedAt: Timestamp("When it began."),
  durationMs: Type.Integer({ minimum: 0 }),
});

/** A delivery with its attempts. */
export const Delivery = Type.Object(
  {
    id: Type.String({ format: "uuid", description: "The `webhook-id` of every attempt." }),
    type: Type.Enum([...deliveryTypes]),
    orderId: Nullable(Type.String({ format: "uuid" })),
    status: Type.Enum([...deliveryStatuses], { description: "PENDING until delivered or given up." }),
    nextAttemptAt: Nullable(Timestamp("While it is pending.")),
    createdAt: Timestamp("When the fact was taken up."),
    finishedAt: Nullable(Timestamp("When it was delivered or given up.")),
    attempts: Type.Array(Attempt, { description: "The latest 20, the latest first." }),
  },
  { $id: "Delivery" },
);
export type Delivery = Static<typeof Delivery>;

export const DeliveryPage = Page("DeliveryPage", Ref(Delivery));

/** The body of `POST /webhooks/{id}/redeliver`. */
export const Redelivery = Type.Object(
  {
    from: Timestamp("Deliveries that were created at this time or later,"),
    to: Timestamp("and before this one."),
    includeDelivered: Type.Optional(
      Type.Boolean({ default: false, description: "Also those that arrived, not only those that were given up." }),
    ),
  },
  { $id: "Redelivery", additionalProperties: false },
);
export type Redelivery = Static<typeof Redelivery>;

export const Redelivered = Type.Object(
  { count: Type.Integer({ minimum: 0, description: "Deliveries that will be sent again." }) },
  { $id: "Redelivered" },
);
