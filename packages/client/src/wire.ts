// The types of requests and answers, as in the OpenAPI document of the gateway. They are repeated here, because a
// published package cannot depend on the schemas of its repository; test/e2e/sdk/sdk-contract.test.ts compares the two.
import type { Money } from "./wire-money.ts";
import type { EventRules, NewTicketType, PoolOfEvent, SaleWindow, TicketTypeOfEvent } from "./wire-rules.ts";

export type { Money } from "./wire-money.ts";

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

/** One of the known strings, or one that a newer server has added. */
export type OpenUnion<Known extends string> = Known | (string & Record<never, never>);

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

/** One change of an order's status or tickets. */
export type Transition = Readonly<{
  at: string;
  from: OrderStatus;
  to: OrderStatus;
  /** The order's version after it. */
  version: number;
  /** Who or what caused it. */
  actor: string;
  reason: string | null;
  /** The tickets that were given back, when the order kept others. */
  items?: readonly Line[];
}>;

/** One change among those of an event's orders. */
export type Change = Transition & Readonly<{ orderId: string }>;

/** Changes of an event's orders, in an order that never changes. */
export type ChangePage = Readonly<{
  content: readonly Change[];
  /** Pass it as `after` for what comes next, at once or later. */
  nextCursor: string;
}>;

/** An event to create. */
export type NewEvent = Readonly<{
  /** Up to 64 letters, digits, `_` and `-`. */
  code: string;
  name: string;
  /** RFC 3339. */
  startTime: string;
  /** RFC 3339; after `startTime`. */
  endTime: string;
  ticketTypes?: readonly NewTicketType[];
}> &
  EventRules;

/** What to change of an event; what is missing stays. */
export type EventChange = Readonly<{
  name?: string;
  /** RFC 3339. */
  startTime?: string;
  /** RFC 3339; `salesEnd` stays as it is. */
  endTime?: string;
  /** True refuses purchases until it is false again; holds and confirms go on. */
  paused?: boolean;
}> &
  EventRules;

/** An event: a show that sells tickets. */
export type SaleEvent = Readonly<{
  code: string;
  name: string;
  startTime: string;
  endTime: string;
  createdAt: string;
  sale: SaleWindow;
  /** The most tickets of one order; null for no limit. */
  maxPerOrder: number | null;
  /** The most tickets of one customer, over all their orders; null for no limit. */
  maxPerCustomer: number | null;
  pools: readonly PoolOfEvent[];
  offerSeconds: number;
  waitlistPolicy: "skip" | "strict";
  ticketTypes: readonly TicketTypeOfEvent[];
  links: Readonly<{ self: string; inventory: string }>;
}>;

/** The stock of one ticket type: `sold + held + available = total`, unless a pool has less left. */
export type Inventory = Readonly<{
  eventCode: string;
  ticketType: string;
  total: number;
  /** Tickets of confirmed orders. */
  sold: number;
  /** Tickets that are allocated, but not yet confirmed. */
  held: number;
  /** The least of what is left of the type and of its pools. */
  available: number;
  /** The pool that has less left than the type itself, if one has. */
  limitedBy?: string;
  /** Orders on the waiting list, if any. */
  waiting?: number;
}>;

/** The state of a sale. */
export type SaleSnapshot = Readonly<{
  eventCode: string;
  /** RFC 3339. */
  at: string;
  sale: SaleWindow;
  inventory: readonly Inventory[];
  /** Orders that are not decided yet. */
  pending: number;
  decidedPerSecond: number;
}>;

/** The steps of a sales report. */
export type SalesInterval = "minute" | "hour" | "day";

/** What happened to tickets of one type. */
export type SalesMovements = Readonly<{
  /** Tickets of new holds. */
  held: number;
  /** Tickets of orders that were confirmed, at once, after a hold or after a late payment. */
  sold: number;
  /** Those of `sold` that were held until then. */
  soldFromHold: number;
  /** Held tickets that buyers gave back. */
  released: number;
  /** Held tickets whose hold expired. */
  expired: number;
  /** Sold tickets that were given back. */
  cancelled: number;
  rejected: readonly Readonly<{ reason: string; orders: number; tickets: number }>[];
  /** The price of `sold`, by currency. */
  revenue: readonly Money[];
  /** The price of `cancelled`, by currency. */
  refunds: readonly Money[];
}>;

/** What an event sold. */
export type SalesReport = Readonly<{
  eventCode: string;
  /** RFC 3339. */
  at: string;
  from: string | null;
  to: string | null;
  interval: SalesInterval;
  /** How many orders have each status; with `from` or `to`, how many more of them than before. */
  orders: Readonly<{
    waiting: number;
    held: number;
    confirmed: number;
    rejected: number;
    expired: number;
    cancelled: number;
  }>;
  /** By ticket type. `netSold`, `netHeld`: less what came back; without `from` and `to`, what is sold and held. */
  totals: readonly (SalesMovements & Readonly<{ ticketType: string; netSold: number; netHeld: number }>)[];
  /** By time and ticket type, without intervals in which nothing happened. */
  content: readonly (SalesMovements & Readonly<{ start: string; ticketType: string }>)[];
}>;

/** The last line of an export as NDJSON. */
export type ExportEnd = Readonly<{ end: Readonly<{ orders: number }> }>;

/** One page of a list, the newest first. */
export type Page<Item> = Readonly<{
  content: readonly Item[];
  number: number;
  size: number;
  /** Exact up to 10,000; beyond that an estimate of at least 10,001. */
  totalElements: number;
  /** Whether `totalElements` is exact. */
  totalIsExact: boolean;
  totalPages: number;
  first: boolean;
  last: boolean;
  empty: boolean;
  /** Null on the last page. */
  nextCursor: string | null;
}>;

/** Every problem code that this version knows; docs/problems.md explains them. */
export type KnownProblemCode =
  | "bad-request"
  | "malformed-json"
  | "validation-failed"
  | "idempotency-key-missing"
  | "idempotency-key-invalid"
  | "webhook-url-refused"
  | "unauthorized"
  | "insufficient-scope"
  | "route-not-found"
  | "event-not-found"
  | "ticket-type-not-found"
  | "order-not-found"
  | "cancellation-not-found"
  | "webhook-not-found"
  | "delivery-not-found"
  | "method-not-allowed"
  | "request-timeout"
  | "event-exists"
  | "total-below-allocated"
  | "sold-out"
  | "sale-not-open"
  | "sale-closed"
  | "sale-paused"
  | "order-limit"
  | "customer-limit"
  | "access-code-used-up"
  | "waiting-list-first"
  | "customer-required"
  | "access-code-not-found"
  | "access-code-exists"
  | "pool-not-found"
  | "customer-key-missing"
  | "insufficient-stock"
  | "event-cancelled"
  | "too-many-ticket-types"
  | "webhook-disabled"
  | "too-many-webhooks"
  | "order-undecided"
  | "order-not-confirmable"
  | "order-not-cancellable"
  | "order-not-held"
  | "hold-expired"
  | "hold-extended-before"
  | "already-confirmed"
  | "items-exceed-order"
  | "version-mismatch"
  | "payload-too-large"
  | "uri-too-long"
  | "unsupported-media-type"
  | "host-refused"
  | "expectation-failed"
  | "idempotency-key-reused"
  | "rate-limited"
  | "headers-too-large"
  | "internal-error"
  | "upgrade-in-progress"
  | "overloaded"
  | "webhooks-unavailable"
  | "dependency-unavailable";

/** How far the cancellation of an event has got. */
export type EventCancellation = Readonly<{
  eventCode: string;
  /** `done`: none of its orders has tickets any more. */
  status: "running" | "done";
  reason: string | null;
  /** When the event was cancelled: purchases are refused from then on. */
  startedAt: string;
  finishedAt: string | null;
  orders: Readonly<{
    /** Orders that had tickets or waited for some; null until they are counted. */
    total: number | null;
    /** Orders of these that are cancelled, without those that buyers cancelled. */
    cancelled: number;
    /** Null until they are counted. */
    remaining: number | null;
  }>;
  /** Until it is done, at the pace so far; missing while that is not known. */
  estimatedSeconds?: number;
}>;

/** A problem's code. `unexpected-answer` is this client's own, for an answer that a proxy or another server gave. */
export type ProblemCode = OpenUnion<KnownProblemCode | "unexpected-answer">;

/** One fault of a request. `pointer` is a JSON Pointer into the body, or the name of a header or query parameter. */
export type ValidationFault = Readonly<{ pointer: string; detail: string }>;

/** RFC 9457 problem details. */
export type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The path of the request. */
  instance: string;
  code: ProblemCode;
  requestId: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  errors?: readonly ValidationFault[];
  /** The order's status, when that is why it cannot be done. */
  orderStatus?: OpenUnion<OrderStatus>;
  /** Of what is sold out, the tickets that are only held and may come back. */
  held?: number;
  /** When the sale begins, when that is why nothing is sold. */
  opensAt?: string;
  /** The limit that the order exceeds, when that is why it is refused. */
  maxPerOrder?: number;
}>;
