// Orders as the API, the streams and the webhooks show them.
import type {
  Order,
  OrderItem,
  OrderStatus,
  QueuePosition,
  RejectionReason,
  Strategy,
  WaitlistPlace,
} from "./order.ts";
import type { Money, Price } from "./price.ts";
import { basePath, rejectionReasons } from "./values.ts";

/** Tickets of one type. */
type Line = Readonly<{ ticketType: string; quantity: number }>;

/** What a request said beyond ticket type and quantity; fields that it did not need are missing. */
export type OrderTerms = Readonly<{
  /** Of a basket with several ticket types, one line each. */
  lines?: readonly Line[];
  holdSeconds?: number;
  allowPartial?: true;
  /** Waits when too few tickets are left. */
  waitlist?: true;
  /** The access code that it uses. */
  code?: number;
  /** The event had rules when the order was accepted: a worker that does not know them must not decide it. */
  ruled?: true;
  /** The keyed hash of the customer's reference, in hexadecimal, when the event had limits per customer. */
  customer?: string;
  /** The price of one ticket by ticket type, when the order was accepted. */
  prices?: Readonly<Record<string, Price>>;
}>;

/** What a line of an order lacked. */
export type ShortLine = Readonly<{ ticketType: string; requested: number; available: number; counter: string }>;

/** The stored facts of an order. */
export type OrderFacts = Readonly<{
  id: string;
  eventCode: string;
  /** As requested; null for a basket with several ticket types. */
  ticketType: string | null;
  /** As requested; of a basket, all its tickets. */
  quantity: number;
  terms: OrderTerms | null;
  /** What the order has, when that is not what was requested. */
  items: readonly Line[] | null;
  status: OrderStatus;
  /** Null unless the order is REJECTED: without a reason it may also be pending or held. */
  reason: RejectionReason | null;
  /** What a rejected order, or the part of an order that was not granted, lacked. */
  shortage: readonly ShortLine[] | null;
  strategy: Strategy;
  customerRef: string | null;
  paymentReference: string | null;
  createdAt: Date;
  /** The time of the first decision. */
  decidedAt: Date | null;
  /** When its hold expires or ended; it stays when the order is confirmed or cancelled. */
  expiresAt: Date | null;
  version: number;
}>;

/** The lines that the order asked for, one for each ticket type. */
export function requestedLines({ ticketType, quantity, terms }: Pick<OrderFacts, "ticketType" | "quantity" | "terms">) {
  if (terms?.lines !== undefined) return terms.lines;
  return ticketType === null ? [] : [{ ticketType, quantity }];
}

/** Where a single order is before it has tickets: pending, or on a waiting list. */
export type OrderPlace = Readonly<{ queue?: QueuePosition; waitlist?: WaitlistPlace }>;

/**
 * Builds an order for answers, streams and webhooks.
 *
 * @param place of a single order
 */
export function presentOrder(facts: OrderFacts, place?: OrderPlace): Order {
  const { id, eventCode, ticketType, terms, status, strategy, customerRef, paymentReference, version } = facts;
  const requested = requestedLines(facts);
  const items = facts.items ?? requested;
  const total = totalOf(items, terms?.prices);
  const requestedItems = requested.map((line) => presentItem(line, terms?.prices));
  return {
    id,
    eventCode,
    ticketType,
    quantity: ticketType === null ? null : (items[0]?.quantity ?? facts.quantity),
    requestedItems,
    items: facts.items === null ? requestedItems : items.map((line) => presentItem(line, terms?.prices)),
    status,
    reason: presentReason(facts),
    strategy,
    customerRef,
    ...(total === null ? {} : { total }),
    paymentReference,
    createdAt: facts.createdAt.toISOString(),
    decidedAt: facts.decidedAt?.toISOString() ?? null,
    expiresAt: shownExpiry(facts)?.toISOString() ?? null,
    version,
    ...place,
    links: { self: `${basePath}/orders/${id}`, event: `${basePath}/events/${eventCode}` },
  };
}

/** When the hold expires or has expired; null for an order that is neither held nor expired. */
export function shownExpiry({ status, expiresAt }: Pick<OrderFacts, "status" | "expiresAt">): Date | null {
  return status === "HELD" || status === "EXPIRED" ? expiresAt : null;
}

function presentItem({ ticketType, quantity }: Line, prices: OrderTerms["prices"]): OrderItem {
  const unitPrice = prices?.[ticketType];
  return unitPrice === undefined ? { ticketType, quantity } : { ticketType, quantity, unitPrice };
}

/** Why an order was rejected, with what it lacked; null for an order that was not rejected. */
export function presentReason({
  reason,
  shortage,
  ticketType,
  quantity,
}: Pick<OrderFacts, "reason" | "shortage" | "ticketType" | "quantity">): Order["reason"] {
  if (reason === null) return null;
  const detail = rejectionReasons[reason];
  // Of a plain order nothing was left, which need not be stored.
  const soldOut =
    reason === "sold-out" && ticketType !== null
      ? [{ ticketType, requested: quantity, available: 0, counter: ticketType }]
      : null;
  const lines = shortage ?? soldOut;
  return lines === null ? { code: reason, detail } : { code: reason, detail, lines: [...lines] };
}

/** The price of some lines; null when one of them has no price or another currency. */
export function totalOf(lines: readonly Line[], prices: OrderTerms["prices"]): Money | null {
  if (prices === undefined) return null;
  let amount = 0;
  let currency: string | null = null;
  for (const { ticketType, quantity } of lines) {
    const price = prices[ticketType];
    if (price === undefined || (currency !== null && price.currency !== currency)) return null;
    amount += price.amount * quantity;
    currency = price.currency;
  }
  return currency === null ? null : { amount, currency };
}
