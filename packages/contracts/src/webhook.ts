// The wire schemas of webhook endpoints, their deliveries and what is posted.
import { type Static, Type } from "typebox";
import { Order } from "./order.ts";
import { Page } from "./page.ts";
import { Money } from "./price.ts";
import { EventCode, KnownEventCode, KnownTicketType, Nullable, PlainText, Ref, Timestamp } from "./text.ts";
import { deliveryStatuses, webhookTypes, webhookUrlMax } from "./values.ts";

/** A fact that an endpoint can subscribe to. */
export type WebhookType = (typeof webhookTypes)[number];

/** The types of deliveries: facts, and the ping that `POST /webhooks/{id}/ping` asks for. */
export const deliveryTypes = [...webhookTypes, "webhook.ping"] as const;
export type DeliveryType = (typeof deliveryTypes)[number];

/** What an endpoint receives: one JSON body of at most 20 kB, the same in every attempt. */
export const WebhookPayload = Type.Object(
  {
    type: Type.Enum([...deliveryTypes]),
    timestamp: Timestamp("When the fact happened."),
    data: Type.Object(
      {
        order: Type.Optional(Ref(Order)),
        cancelledItems: Type.Optional(
          Type.Array(Type.Object({ ticketType: KnownTicketType, quantity: Type.Integer() }), {
            description: "Of order.cancelled: the tickets that were given back, which may be a part of the order.",
          }),
        ),
        refund: Type.Optional(
          Type.Unsafe<Money>({
            ...Money,
            description: "Of order.cancelled: the price of these tickets, if they were confirmed and have one.",
          }),
        ),
        paymentReference: Type.Optional(
          Type.String({ description: "Of order.refund_required: the payment to pay back.", examples: ["pay_8Jk2"] }),
        ),
      },
      { description: "The order as the fact left it; empty in a ping." },
    ),
  },
  { $id: "WebhookPayload" },
);
export type WebhookPayload = Static<typeof WebhookPayload>;

const url = {
  description: "Where to POST: an https URL with a public address.",
  examples: ["https://shop.example.com/hooks/onsale"],
};
const Url = Type.String({ minLength: 1, maxLength: webhookUrlMax, ...url });
/** The item's `type` lets Ajv look for doubles without comparing all pairs. */
const Types = Type.Array(Type.Enum([...webhookTypes], { type: "string" }), {
  minItems: 1,
  maxItems: webhookTypes.length,
  uniqueItems: true,
  description: "The facts to send.",
  examples: [[...webhookTypes]],
});
const description = { description: "A note for people.", examples: ["The shop's order service"] };
const Description = PlainText(200, description);

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

/** The body of `PATCH /webhooks/{id}`: fields that are missing stay unchanged. */
export const WebhookChange = Type.Object(
  {
    url: Type.Optional(Url),
    events: Type.Optional(Types),
    eventCode: Type.Optional(Nullable(EventCode)),
    description: Type.Optional(Nullable(Description)),
    enabled: Type.Optional(
      Type.Boolean({ description: "False stops sending; true continues with the due deliveries." }),
    ),
  },
  { $id: "WebhookChange", additionalProperties: false, minProperties: 1, examples: [{ enabled: true }] },
);
export type WebhookChange = Static<typeof WebhookChange>;

const webhookFields = {
  id: Type.String({ format: "uuid", examples: ["0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"] }),
  url: Type.String(url),
  events: Types,
  eventCode: Nullable(KnownEventCode),
  description: Nullable(Type.String(description)),
  enabled: Type.Boolean(),
  disabledAt: Nullable(Timestamp("Since when the endpoint is disabled: nothing is sent.")),
  disabledReason: Nullable(Type.String({ examples: ["The receiver answered 410 Gone."] })),
  createdAt: Timestamp("When the endpoint was registered."),
  updatedAt: Timestamp("When the endpoint was last changed."),
  links: Type.Object({
    self: Type.String({ examples: ["/api/v1/webhooks/0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"] }),
    deliveries: Type.String({ examples: ["/api/v1/webhooks/0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10/deliveries"] }),
  }),
};

/** A webhook endpoint in answers. */
export const Webhook = Type.Object(webhookFields, { $id: "Webhook" });
export type Webhook = Static<typeof Webhook>;

const Secret = Type.String({
  description: "The key that verifies signatures. It is not shown again.",
  examples: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
});

/** The answer to `POST /webhooks`: the only one with the secret. */
export const CreatedWebhook = Type.Object({ ...webhookFields, secret: Secret }, { $id: "CreatedWebhook" });
export type CreatedWebhook = Static<typeof CreatedWebhook>;

/** The answer to `POST /webhooks/{id}/rotate-secret`. */
export const RotatedSecret = Type.Object(
  { secret: Secret, previousSecretExpiresAt: Timestamp("Until then the previous secret signs, too.") },
  { $id: "RotatedSecret" },
);
export type RotatedSecret = Static<typeof RotatedSecret>;

export const WebhookPage = Page("WebhookPage", Ref(Webhook));

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

const Attempt = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  result: Type.Enum([...attemptResults]),
  status: Nullable(Type.Integer({ description: "The status of the answer.", examples: [200] })),
  responseBody: Nullable(Type.String({ description: "The first 1 KiB of the answer." })),
  error: Nullable(Type.String({ description: "What went wrong, when there was no complete answer." })),
  startedAt: Timestamp("When the attempt began."),
  durationMs: Type.Integer({ minimum: 0 }),
});

/** A delivery with its attempts. */
export const Delivery = Type.Object(
  {
    id: Type.String({ format: "uuid", description: "The `webhook-id` of every attempt." }),
    type: Type.Enum([...deliveryTypes]),
    orderId: Nullable(Type.String({ format: "uuid" })),
    status: Type.Enum([...deliveryStatuses], { description: "PENDING until it is delivered or given up." }),
    nextAttemptAt: Nullable(Timestamp("When the next attempt is due, while the delivery is pending.")),
    createdAt: Timestamp("When the delivery was created."),
    finishedAt: Nullable(Timestamp("When it was delivered or given up.")),
    attempts: Type.Array(Attempt, { description: "The last 20 attempts, the latest first." }),
  },
  { $id: "Delivery" },
);
export type Delivery = Static<typeof Delivery>;

export const DeliveryPage = Page("DeliveryPage", Ref(Delivery));

/** The body of `POST /webhooks/{id}/redeliver`. */
export const Redelivery = Type.Object(
  {
    from: Timestamp("Redelivers what was created at this time or later."),
    to: Timestamp("Redelivers what was created before this time."),
    includeDelivered: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Also sends deliveries again that were delivered, not only those that were given up.",
      }),
    ),
    includeMissed: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          "Also creates deliveries of what happened to orders in this time that the endpoint subscribes to and has " +
          "no delivery of, such as while it was disabled.",
      }),
    ),
    cursor: Type.Optional(
      Type.String({ maxLength: 100, description: "Continues: the `nextCursor` of the previous answer." }),
    ),
  },
  { $id: "Redelivery", additionalProperties: false },
);
export type Redelivery = Static<typeof Redelivery>;

export const Redelivered = Type.Object(
  {
    count: Type.Integer({ minimum: 0, description: "Deliveries that will be sent again." }),
    created: Type.Integer({ minimum: 0, description: "Deliveries that were missed and will be sent now." }),
    nextCursor: Nullable(
      Type.String({ description: "More is left in this time: repeat the request with this cursor. Null at the end." }),
    ),
  },
  { $id: "Redelivered" },
);
export type Redelivered = Static<typeof Redelivered>;
