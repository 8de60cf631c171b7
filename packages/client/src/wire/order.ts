// Orders, and the purchases that make them.
import type { Money } from "./money.ts";
import type { OpenUnion } from "./open-union.ts";
import { isRecord } from "./shape.ts";

/**
 * PENDING until decided. WAITING is on the waiting list, until it is offered tickets or cancelled. HELD has to be
 * confirmed before it expires. A CONFIRMED order can be cancelled, and an EXPIRED one confirmed late. REJECTED and
 * CANCELLED are final.
 */
export type OrderStatus = "PENDING" | "WAITING" | "HELD" | "CONFIRMED" | "REJECTED" | "EXPIRED" | "CANCELLED";

/** How the stock is guarded while an order is decided. */
export type Strategy = "optimistic" | "pessimistic";

/** Why an order was rejected. */
export type RejectionCode =
  | "sold-out"
  | "insufficient-stock"
  | "event-cancelled"
  | "customer-limit"
  | "access-code-used-up"
  | "waiting-list-first"
  | "internal-error";

/** A purchase. */
export type Order = Readonly<{
  /** A UUIDv7. */
  id: string;
  eventCode: string;
  /** Null when the order asked for several types. */
  ticketType: string | null;
  /** How many tickets it has now; null when the order asked for several types. */
  quantity: number | null;
  /** What it asked for. */
  requestedItems: readonly OrderItem[];
  /** What it has now; when CANCELLED or EXPIRED, what it had last. */
  items: readonly OrderItem[];
  status: OrderStatus;
  /** Why it was rejected, with a sentence for the buyer; otherwise null. */
  reason: Readonly<{ code: OpenUnion<RejectionCode>; detail: string; lines?: readonly ShortLine[] }> | null;
  strategy: Strategy;
  customerRef: string | null;
  /** The price of all items, if all their types have a price. */
  total?: Money;
  /** Of the payment that confirmed it. */
  paymentReference: string | null;
  /** RFC 3339, like all times here. */
  createdAt: string;
  decidedAt: string | null;
  /** When its hold expires or has expired; null when it is not held. */
  expiresAt: string | null;
  /** Increases with each change. */
  version: number;
  links: Readonly<{ self: string; event: string }>;
  /** Its place among the pending orders; only while it is PENDING. */
  queue?: QueuePosition;
  /** Its place on the waiting list; only while it is WAITING. */
  waitlist?: WaitlistPlace;
}>;

/** Tickets of one type. */
export type OrderItem = Readonly<{
  ticketType: string;
  quantity: number;
  /** Of one ticket when the order was accepted, if the type has a price. */
  unitPrice?: Money;
}>;

/** A line for which too little was left. */
export type ShortLine = Readonly<{ ticketType: string; requested: number; available: number; counter: string }>;

/** The place of a pending order. */
export type QueuePosition = Readonly<{
  /** Orders before it. */
  ahead: number;
  /** Null while it cannot be estimated. */
  estimatedSeconds: number | null;
}>;

/** The place of an order that waits for tickets. */
export type WaitlistPlace = Readonly<{
  /** 1 is the first in line. */
  position: number;
  /** Until its offer, at the pace of the last ten minutes; null when none was made in them. */
  estimatedSeconds: number | null;
}>;

/** Tickets of one type to ask for, or to give back. */
export type Line = Readonly<{
  /** Usually VIP, STANDARD or STUDENT. */
  ticketType: string;
  /** How many tickets, 1 to 10,000. */
  quantity: number;
}>;

/** A purchase to make: of one ticket type, or of a basket of 1 to 10 `items`. */
export type PurchaseRequest = PurchaseTerms &
  Readonly<(Line & { items?: undefined }) | { ticketType?: undefined; quantity?: undefined; items: readonly Line[] }>;

type PurchaseTerms = Readonly<{
  eventCode: string;
  /** Your own reference for the buyer: up to 128 visible ASCII characters, stored and returned unchanged. */
  customerRef?: string | undefined;
  /** Holds the tickets until `confirm`, for 600 s unless `holdSeconds` says otherwise. */
  hold?: boolean | undefined;
  /** Like `hold`, and for how long from the decision on: 30 to 3,600 s. */
  holdSeconds?: number | undefined;
  /** Grants each ticket type of a basket whole or not at all, instead of all or none. */
  allowPartial?: boolean | undefined;
  /** Waits for tickets that come back, instead of being refused as sold out: WAITING, and HELD once it gets some. */
  waitlist?: boolean | undefined;
  /** Opens hidden ticket types, or raises the limit of the order. */
  accessCode?: string | undefined;
}>;

/** An order, by the fields that this package reads. */
export function isOrder(value: unknown): value is Order {
  const isLikely = isRecord(value) && typeof value.id === "string" && typeof value.status === "string";
  return isLikely && Number.isInteger(value.version);
}

/** Tickets by type. */
export function isLines(value: unknown): value is readonly Line[] {
  const isLine = (item: unknown) =>
    isRecord(item) && typeof item.ticketType === "string" && typeof item.quantity === "number";
  return Array.isArray(value) && value.every(isLine);
}
