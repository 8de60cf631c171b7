// Orders, purchases and the changes of orders.
import type { Order, PurchaseRequest } from "../../../../packages/client/src/wire/order.ts";
import type { Page } from "../../../../packages/client/src/wire/page.ts";
import type { Change, ChangePage, Transition } from "../../../../packages/client/src/wire/transition.ts";
import { type Described, line, money, page } from "./notation.ts";

const status = {
  oneOf: { PENDING: true, WAITING: true, HELD: true, CONFIRMED: true, REJECTED: true, EXPIRED: true, CANCELLED: true },
} as const;
const transition = {
  at: "string",
  from: status,
  to: status,
  version: "number",
  actor: "string",
  reason: { orNull: "string" },
  "items?": [line],
} as const;
const change = { orderId: "string", ...transition } as const;
const item = { ticketType: "string", quantity: "number", "unitPrice?": money } as const;
export const order = {
  id: "string",
  eventCode: "string",
  ticketType: { orNull: "string" },
  quantity: { orNull: "number" },
  requestedItems: [item],
  items: [item],
  status,
  reason: {
    orNull: {
      code: "string",
      detail: "string",
      "lines?": [{ ticketType: "string", requested: "number", available: "number", counter: "string" }],
    },
  },
  strategy: { oneOf: { optimistic: true, pessimistic: true } },
  customerRef: { orNull: "string" },
  "total?": money,
  paymentReference: { orNull: "string" },
  createdAt: "string",
  decidedAt: { orNull: "string" },
  expiresAt: { orNull: "string" },
  version: "number",
  links: { self: "string", event: "string" },
  "queue?": { ahead: "number", estimatedSeconds: { orNull: "number" } },
  "waitlist?": { position: "number", estimatedSeconds: { orNull: "number" } },
} as const satisfies Described<Order>;

export const describedOrders = {
  Order: order,
  OrderPage: { content: [order], ...page } satisfies Described<Page<Order>>,
  Purchase: {
    eventCode: "string",
    "ticketType?": "string",
    "quantity?": "number",
    "items?": [line],
    "customerRef?": "string",
    "hold?": "boolean",
    "holdSeconds?": "number",
    "allowPartial?": "boolean",
    "waitlist?": "boolean",
    "accessCode?": "string",
  } satisfies Described<PurchaseRequest>,
  Transition: transition satisfies Described<Transition>,
  Change: change satisfies Described<Change>,
  ChangePage: { content: [change], nextCursor: "string" } satisfies Described<ChangePage>,
};
