// The wire schemas of orders and purchases.
import { type Static, Type } from "typebox";
import { Page } from "./page.ts";
import { EventCode, KnownEventCode, KnownTicketType, Nullable, Ref, TicketType, Timestamp } from "./text.ts";
import { customerRefPattern, orderQuantityMax, orderStatuses, type rejectionReasons, strategies } from "./values.ts";

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
const CustomerRef = Type.String({ pattern: customerRefPattern, ...customerRef });

/** The body of `POST /orders/purchase`. */
export const Purchase = Type.Object(
  { eventCode: EventCode, ticketType: TicketType, quantity: Quantity, customerRef: Type.Optional(CustomerRef) },
  {
    $id: "Purchase",
    additionalProperties: false,
    examples: [{ eventCode: "EVNT-ROCK-2025", ticketType: "STANDARD", quantity: 2 }],
  },
);
export type Purchase = Static<typeof Purchase>;

export const PurchaseQuery = Type.Object(
  {
    strategy: Type.Optional(
      Type.Enum([...strategies], {
        default: "optimistic",
        description:
          "How the stock is protected while it is allocated: by a check when it is written, or by a lock before.",
      }),
    ),
  },
  { additionalProperties: false },
);

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

/** An order in answers, streams and webhooks. */
export const Order = Type.Object(
  {
    id: Type.String({ format: "uuid", description: "A UUIDv7.", examples: ["0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"] }),
    eventCode: KnownEventCode,
    ticketType: KnownTicketType,
    quantity: Quantity,
    items: Type.Array(Type.Object({ ticketType: KnownTicketType, quantity: Quantity })),
    status: OrderStatusSchema,
    reason: Nullable(
      Type.Object({
        code: Type.String({ examples: ["sold-out"] }),
        detail: Type.String({ examples: ["No tickets of this type are left."] }),
      }),
    ),
    strategy: StrategySchema,
    customerRef: Nullable(Type.String(customerRef)),
    createdAt: Timestamp("When the order was accepted."),
    decidedAt: Nullable(Timestamp("When the order got its first decision.")),
    expiresAt: Nullable(Timestamp("When a held order expires.")),
    version: Type.Integer({ description: "Rises with every change of the order; the ETag.", examples: [2] }),
    queue: Type.Optional(
      Type.Unsafe<QueuePosition>({ ...QueuePosition, description: "Only in the answer for a single pending order." }),
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
