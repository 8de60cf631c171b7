// The wire schemas of orders and purchases.
import { type Static, Type } from "typebox";
import { Page } from "./page.ts";
import { Money } from "./price.ts";
import { EventCode, KnownEventCode, KnownTicketType, Nullable, PlainText, Ref, TicketType, Timestamp } from "./text.ts";
import {
  accessCodePattern,
  customerRefPattern,
  holdSecondsDefault,
  holdSecondsMax,
  holdSecondsMin,
  orderLinesMax,
  orderQuantityMax,
  orderStatuses,
  paymentReferencePattern,
  type rejectionReasons,
  strategies,
} from "./values.ts";

export type OrderStatus = (typeof orderStatuses)[number];
export type Strategy = (typeof strategies)[number];

export type RejectionReason = keyof typeof rejectionReasons;

const OrderStatusSchema = Type.Enum([...orderStatuses], { description: "PENDING until the first decision." });
const StrategySchema = Type.Enum([...strategies]);
const Quantity = Type.Integer({ minimum: 1, maximum: orderQuantityMax, description: "Tickets.", examples: [2] });
const customerRef = {
  description: "Your own reference for the buyer; stored and returned unchanged.",
  examples: ["customer-4711"],
};
export const CustomerRef = Type.String({ pattern: customerRefPattern, ...customerRef });
const paymentReference = {
  description: "Your payment provider's reference of the payment.",
  examples: ["pay_8Jk2"],
};
export const PaymentReference = Type.String({ pattern: paymentReferencePattern, ...paymentReference });
/** A code that opens hidden ticket types or raises the limit of an order. */
export const AccessCodeText = Type.String({
  pattern: accessCodePattern,
  description: "A code that opens hidden ticket types or raises the limit of an order.",
  examples: ["K7QX-2M9R-TB4W-H3NC"],
});
const HoldSeconds = Type.Integer({
  minimum: holdSecondsMin,
  maximum: holdSecondsMax,
  description: "For how long the tickets are held, from the decision on.",
  examples: [holdSecondsDefault],
});

/** Lines as a request sends them; lines of one ticket type are added up. */
const Lines = Type.Array(Type.Object({ ticketType: TicketType, quantity: Quantity }, { additionalProperties: false }), {
  minItems: 1,
  maxItems: orderLinesMax,
  description: "The lines of a basket, in place of ticketType and quantity.",
});

/** The body of `POST /orders/purchase`: `ticketType` and `quantity`, or `items`. */
export const Purchase = Type.Object(
  {
    eventCode: EventCode,
    ticketType: Type.Optional(TicketType),
    quantity: Type.Optional(Quantity),
    items: Type.Optional(Lines),
    customerRef: Type.Optional(CustomerRef),
    hold: Type.Optional(
      Type.Boolean({ description: "Holds the tickets until the order is confirmed.", examples: [true] }),
    ),
    holdSeconds: Type.Optional(
      Type.Integer({
        ...HoldSeconds,
        description: `As hold, and for how long from the decision on; ${holdSecondsDefault} when only hold is sent.`,
      }),
    ),
    allowPartial: Type.Optional(
      Type.Boolean({ description: "Grants each line of a basket whole or not at all, instead of all or none." }),
    ),
    waitlist: Type.Optional(
      Type.Boolean({ description: "Waits for tickets that come back, instead of being refused as sold out." }),
    ),
    accessCode: Type.Optional(AccessCodeText),
  },
  {
    $id: "Purchase",
    additionalProperties: false,
    examples: [
      { eventCode: "EVNT-ROCK-2025", ticketType: "STANDARD", quantity: 2 },
      {
        eventCode: "EVNT-ROCK-2025",
        items: [
          { ticketType: "VIP", quantity: 1 },
          { ticketType: "STANDARD", quantity: 2 },
        ],
        hold: true,
      },
    ],
  },
);
export type Purchase = Static<typeof Purchase>;

export const PurchaseQuery = Type.Object(
  {
    strategy: Type.Optional(
      Type.Enum([...strategies], {
        default: "optimistic",
        examples: ["pessimistic"],
        description:
          "How the stock is protected while it is allocated: by a check when it is written, or by a lock before.",
      }),
    ),
  },
  { additionalProperties: false },
);

/** The body of `POST /orders/{id}/confirm`. */
export const Confirmation = Type.Object(
  { paymentReference: Type.Optional(PaymentReference) },
  { $id: "Confirmation", additionalProperties: false, examples: [{ paymentReference: "pay_8Jk2" }] },
);
export type Confirmation = Static<typeof Confirmation>;

/** The body of `POST /orders/{id}/cancel`. */
export const Cancellation = Type.Object(
  {
    items: Type.Optional(Type.Unsafe<Static<typeof Lines>>({ ...Lines, description: "Gives back only these." })),
    reason: Type.Optional(
      PlainText(200, { description: "For the order's history.", examples: ["The buyer asked for it."] }),
    ),
  },
  {
    $id: "Cancellation",
    additionalProperties: false,
    examples: [{ items: [{ ticketType: "STANDARD", quantity: 1 }], reason: "The buyer asked for it." }],
  },
);
export type Cancellation = Static<typeof Cancellation>;

/** The body of `POST /orders/{id}/extend`. */
export const Extension = Type.Object(
  { holdSeconds: Type.Integer({ ...HoldSeconds, description: "For how long the tickets are held, from now on." }) },
  { $id: "Extension", additionalProperties: false, examples: [{ holdSeconds: 300 }] },
);
export type Extension = Static<typeof Extension>;

/** The position of a pending order in its event's queue. */
export const QueuePosition = Type.Object({
  ahead: Type.Integer({
    minimum: 0,
    description: "Orders of the event that are decided before this one.",
    examples: [120],
  }),
  estimatedSeconds: Nullable(
    Type.Number({
      minimum: 0,
      description:
        "Time until its decision at the event's recent pace; null while none of the event's orders is decided.",
      examples: [0.2],
    }),
  ),
});
export type QueuePosition = Static<typeof QueuePosition>;

/** The place of an order on its event's waiting list. */
export const WaitlistPlace = Type.Object({
  position: Type.Integer({
    minimum: 1,
    description: "1 is the first in line. Of orders that wait for other ticket types, those before it count, too.",
    examples: [12],
  }),
  estimatedSeconds: Nullable(
    Type.Integer({
      minimum: 0,
      description: "Time until its offer at the event's pace of the last ten minutes; null when none was made in them.",
      examples: [240],
    }),
  ),
});
export type WaitlistPlace = Static<typeof WaitlistPlace>;

const OrderItem = Type.Object({
  ticketType: KnownTicketType,
  quantity: Quantity,
  unitPrice: Type.Optional(
    Type.Unsafe<Money>({
      ...Money,
      description: "Of one ticket when the order was accepted, if the type has a price.",
    }),
  ),
});
export type OrderItem = Static<typeof OrderItem>;

const ShortLine = Type.Object({
  ticketType: KnownTicketType,
  requested: Quantity,
  available: Type.Integer({ minimum: 0, description: "Tickets that were left at that moment.", examples: [1] }),
  counter: Type.String({ description: "What had too little left.", examples: ["STANDARD"] }),
});

/** An order in answers, streams and webhooks. */
export const Order = Type.Object(
  {
    id: Type.String({ format: "uuid", description: "A UUIDv7.", examples: ["0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"] }),
    eventCode: KnownEventCode,
    ticketType: Nullable(
      Type.String({ ...KnownTicketType, description: "Null when the order asked for several types." }),
    ),
    quantity: Nullable(
      Type.Integer({ ...Quantity, description: "What it has now; null when the order asked for several types." }),
    ),
    requestedItems: Type.Array(OrderItem, { description: "What the order asked for." }),
    items: Type.Array(OrderItem, {
      description:
        "What the order has now. While undecided and when REJECTED: what it asks for. When CANCELLED or EXPIRED: " +
        "what it had last.",
    }),
    status: OrderStatusSchema,
    reason: Nullable(
      Type.Object({
        code: Type.String({ examples: ["sold-out"] }),
        detail: Type.String({ examples: ["No tickets of this type are left."] }),
        lines: Type.Optional(Type.Array(ShortLine, { description: "The lines for which too little was left." })),
      }),
    ),
    strategy: StrategySchema,
    customerRef: Nullable(Type.String(customerRef)),
    total: Type.Optional(
      Type.Unsafe<Money>({ ...Money, description: "The price of all items, if all their types have a price." }),
    ),
    paymentReference: Nullable(
      Type.String({ ...paymentReference, description: "Of the payment that confirmed the order." }),
    ),
    createdAt: Timestamp("When the order was accepted."),
    decidedAt: Nullable(Timestamp("When the order got its first decision.")),
    expiresAt: Nullable(
      Timestamp("When the hold expires or has expired; null for an order that is neither HELD nor EXPIRED."),
    ),
    version: Type.Integer({ description: "Rises with every change of the order; the ETag.", examples: [2] }),
    queue: Type.Optional(
      Type.Unsafe<QueuePosition>({ ...QueuePosition, description: "Only in the answer for a single pending order." }),
    ),
    waitlist: Type.Optional(
      Type.Unsafe<WaitlistPlace>({ ...WaitlistPlace, description: "Only in the answer for a single waiting order." }),
    ),
    links: Type.Object({
      self: Type.String({ examples: ["/api/v1/orders/0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"] }),
      event: Type.String({ examples: ["/api/v1/events/EVNT-ROCK-2025"] }),
    }),
  },
  { $id: "Order" },
);
export type Order = Static<typeof Order>;

export const OrderPage = Page("OrderPage", Ref(Order));
export type OrderPage = Static<typeof OrderPage>;

const transitionFields = {
  at: Timestamp("When it happened."),
  from: OrderStatusSchema,
  to: Type.Enum([...orderStatuses]),
  version: Type.Integer({ description: "The order's version after it.", examples: [3] }),
  actor: Type.String({ description: "Who or what caused it.", examples: ["api"] }),
  reason: Nullable(Type.String({ examples: ["The buyer asked for it."] })),
  items: Type.Optional(
    Type.Array(Type.Object({ ticketType: KnownTicketType, quantity: Quantity }), {
      description: "The tickets that were given back, when the order kept others.",
    }),
  ),
};

/** One transition of an order. */
export const Transition = Type.Object(transitionFields, { $id: "Transition" });
export type Transition = Static<typeof Transition>;

/** One transition among those of an event. */
export const Change = Type.Object({ orderId: Type.String({ format: "uuid" }), ...transitionFields }, { $id: "Change" });

/** Transitions of an event, in an order that never changes. */
export const ChangePage = Type.Object(
  {
    content: Type.Array(Ref(Change)),
    nextCursor: Type.String({ description: "Pass it as `after` for what comes next, at once or later." }),
  },
  { $id: "ChangePage" },
);
export type ChangePage = Static<typeof ChangePage>;
