// Examples of orders, purchases and what follows them.
import type { Cancellation, Confirmation, Extension, Order, Purchase, Transition } from "@onsale/contracts/order";
import { type OrderFacts, presentOrder } from "@onsale/contracts/present-order";
import { cursor, eventCode, orderId } from "./ids.ts";
import { type ExamplesByOperation, only, pageOf } from "./operation-examples.ts";

const acceptedAt = new Date("2026-12-01T09:00:00.412Z");
const decidedAt = new Date("2026-12-01T09:00:00.437Z");
const prices = { VIP: { amount: 12_000, currency: "EUR" }, STANDARD: { amount: 4_500, currency: "EUR" } };

const pendingFacts: OrderFacts = {
  id: orderId,
  eventCode,
  ticketType: "STANDARD",
  quantity: 2,
  terms: { prices },
  items: null,
  status: "PENDING",
  reason: null,
  shortage: null,
  strategy: "optimistic",
  customerRef: "customer-4711",
  paymentReference: null,
  createdAt: acceptedAt,
  decidedAt: null,
  expiresAt: null,
  version: 1,
};

const confirmedFacts: OrderFacts = { ...pendingFacts, status: "CONFIRMED", decidedAt, version: 2 };

const basketFacts: OrderFacts = {
  ...confirmedFacts,
  ticketType: null,
  quantity: 3,
  terms: {
    prices,
    holdSeconds: 600,
    lines: [
      { ticketType: "VIP", quantity: 1 },
      { ticketType: "STANDARD", quantity: 2 },
    ],
  },
  status: "HELD",
  expiresAt: new Date("2026-12-01T09:10:00.437Z"),
};

const pending = presentOrder(pendingFacts, { queue: { ahead: 120, estimatedSeconds: 0.2 } });
export const confirmed: Order = presentOrder(confirmedFacts);
export const held: Order = presentOrder(basketFacts);
export const rejected: Order = presentOrder({ ...confirmedFacts, status: "REJECTED", reason: "sold-out" });
const waiting = presentOrder(
  { ...confirmedFacts, status: "WAITING", terms: { prices, waitlist: true } },
  { waitlist: { position: 12, estimatedSeconds: 240 } },
);
const paid = { ...basketFacts, status: "CONFIRMED", paymentReference: "pay_8Jk2", version: 3 } as const;
export const confirmedByPayment: Order = presentOrder(paid);
export const expired: Order = presentOrder({ ...basketFacts, status: "EXPIRED", version: 3 });
const returned = [{ ticketType: "STANDARD", quantity: 1 }];
const fewer = [
  { ticketType: "VIP", quantity: 1 },
  { ticketType: "STANDARD", quantity: 1 },
];
const partlyCancelled = presentOrder({ ...paid, items: fewer, version: 4 });
export const cancelled: Order = presentOrder({ ...paid, status: "CANCELLED", version: 4 });
const extended = presentOrder({ ...basketFacts, expiresAt: new Date("2026-12-01T09:14:12.000Z"), version: 3 });
const offered = presentOrder({ ...confirmedFacts, status: "HELD", expiresAt: basketFacts.expiresAt, version: 3 });

/** Examples of orders for webhooks. */
export const orderExamples = { confirmed, held, rejected, expired, cancelled, waiting, offered };

const history: readonly Transition[] = [
  { at: held.decidedAt ?? "", from: "PENDING", to: "HELD", version: 2, actor: "onsale", reason: null },
  { at: "2026-12-01T09:03:17.020Z", from: "HELD", to: "CONFIRMED", version: 3, actor: "api", reason: null },
  {
    at: "2026-12-02T08:15:40.883Z",
    from: "CONFIRMED",
    to: "CONFIRMED",
    version: 4,
    actor: "api",
    reason: "The buyer asked for it.",
    items: returned,
  },
];

const single: Purchase = { eventCode, ticketType: "STANDARD", quantity: 2, customerRef: "customer-4711" };
const basket: Purchase = {
  eventCode,
  items: [
    { ticketType: "VIP", quantity: 1 },
    { ticketType: "STANDARD", quantity: 2 },
  ],
  hold: true,
  customerRef: "customer-4711",
};
const patient: Purchase = { ...single, waitlist: true };
const confirmation: Confirmation = { paymentReference: "pay_8Jk2" };
const cancellation: Cancellation = { items: returned, reason: "The buyer asked for it." };
const extension: Extension = { holdSeconds: 300 };

const decisions = {
  confirmed: { summary: "The tickets are sold", value: confirmed },
  held: { summary: "The tickets are held until they are paid", value: held },
  rejected: { summary: "Too few tickets were left", value: rejected },
  waiting: { summary: "The order waits for tickets that come back", value: waiting },
};

export const orderOperations: ExamplesByOperation = {
  purchaseTickets: {
    request: {
      single: { summary: "Two tickets of one type", value: single },
      basket: { summary: "A basket, held until it is paid", value: basket },
      patient: { summary: "Wait when it is sold out", value: patient },
    },
    answers: { 200: decisions, 202: only("Recorded, and not decided yet", pending) },
  },
  getOrder: { answers: { 200: { ...decisions, pending: { summary: "Not decided yet", value: pending } } } },
  listOrders: { answers: { 200: only("A list of two orders", pageOf([confirmedByPayment, rejected])) } },
  watchOrder: {
    answers: {
      200: only(
        "Not decided yet, then sold",
        [pending, confirmed].map((order) => message("order", order.version, order)).join(""),
      ),
    },
  },
  confirmOrder: {
    request: only("Paid", confirmation),
    answers: {
      200: only("The held tickets are sold", confirmedByPayment),
      202: only("Paid after the hold had expired, and not decided yet", expired),
    },
  },
  cancelOrder: {
    request: {
      part: { summary: "Some of its tickets", value: cancellation },
      whole: { summary: "The whole order", value: {} },
    },
    answers: {
      200: {
        part: { summary: "It has fewer tickets", value: partlyCancelled },
        whole: { summary: "It has no tickets", value: cancelled },
      },
    },
  },
  extendHold: { request: only("Five minutes from now", extension), answers: { 200: only("Held longer", extended) } },
  getOrderHistory: { answers: { 200: only("Held, paid, and one ticket given back", history) } },
  listOrderChanges: {
    answers: {
      200: only("What happened to the event's orders", {
        content: history.map((transition) => ({ orderId, ...transition })),
        nextCursor: cursor,
      }),
    },
  },
  forgetCustomer: {
    answers: {
      200: only("No order has the reference any more", { orders: 3 }),
      202: only("Repeat the request", { orders: 500 }),
    },
  },
};

/** One message of Server-Sent Events. */
export function message(event: string, id: number, data: unknown): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
