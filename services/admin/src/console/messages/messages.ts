// The types of what the server sends to the console's page. Types only: the browser never loads this file.

/** One second of the whole installation. p50, p95 and p99 are milliseconds; null when nothing was decided. */
export type Point = Readonly<{
  atMs: number;
  acceptedPerSecond: number;
  decidedPerSecond: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Null while the pending orders cannot be read. */
  pending: number | null;
}>;

/**
 * Since when each part has been unavailable, in milliseconds since 1970; null while it is available. `database` and
 * `queues` stand for PostgreSQL and the queues as such, the others for single queries.
 */
export type Health = Readonly<
  Record<"database" | "queues" | "pending" | "events" | "ranking" | "webhooks", Readonly<{ since: number | null }>>
>;

/** A count since the start, and its present rate. */
export type CountAndRate = Readonly<{ total: number; perSecond: number }>;

/** `order`: decided so. `purchase`: answered without being recorded. `request`: any other request that was refused. */
export type Rejection = CountAndRate &
  Readonly<{ reason: string; words: string; what: "order" | "purchase" | "request" }>;

export type Totals = Readonly<{
  accepted: CountAndRate;
  decided: CountAndRate;
  confirmed: CountAndRate;
  rejected: CountAndRate;
  ticketsSold: CountAndRate;
  /** The rejections of kind `purchase`. */
  turnedAway: CountAndRate;
  conflicts: CountAndRate;
  retries: CountAndRate;
  rescued: CountAndRate;
  enqueueFailures: CountAndRate;
  /** The highest rates per second since this service observes the installation. */
  peaks: Readonly<Record<"accepted" | "decided" | "ticketsSold", number>>;
  /** Milliseconds from accepted to decided, of the last seconds; null when nothing was decided. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Orders per batch, on average over the last seconds. */
  acceptBatch: number | null;
  allocationBatch: number | null;
  rejections: readonly Rejection[];
}>;

export type Pending = Readonly<{ count: number; oldestAgeSeconds: number }>;

export type QueueLine = Readonly<{
  name: string;
  /** What keeps workers from its jobs, in words; nothing when they may take all of them. */
  restrictions: readonly string[];
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}>;

/** Webhook attempts with one result. */
export type AttemptLine = CountAndRate & Readonly<{ result: string }>;

export type WebhookLines = Readonly<{
  attempts: readonly AttemptLine[];
  oldestUndeliveredSeconds: number;
  enabled: number;
  failing: number;
  disabled: number;
  endpoints: readonly Readonly<{
    id: string;
    origin: string;
    description: string | null;
    failingSince: string | null;
    disabledReason: string | null;
    pending: number;
  }>[];
}>;

export type ProcessLine = Readonly<{
  id: string;
  kind: string;
  host: string;
  pid: number;
  version: string;
  startedAt: string;
  /** `missing`: no report for 5 s. */
  state: "up" | "missing";
  silentSeconds: number;
  cpuPercent: number | null;
  memoryBytes: number;
}>;

/** `expiring`: of those that are held, the tickets whose hold ends within a minute. */
export type StockLine = Readonly<{
  ticketType: string;
  total: number;
  sold: number;
  held: number;
  expiring: number;
  /** The least of what is left of the type and of its pools. */
  available: number;
  /** The pools that it draws on. */
  pools?: readonly string[];
  /** The pool that has less left than the type itself. */
  limitedBy?: string;
  /** Lines of orders that wait for it. */
  waiting?: number;
  /** Whether it is sold with an access code only. */
  isHidden?: boolean;
}>;

export type SaleState = "scheduled" | "open" | "paused" | "closed" | "cancelled";

export type EventLine = Readonly<{
  id: number;
  code: string;
  name: string;
  accountName: string;
  startTime: string;
  saleState: SaleState;
  opensAt: string | null;
  closesAt: string | null;
  inventory: readonly StockLine[];
  pools: readonly Readonly<{ name: string; total: number; available: number }>[];
  pending: number;
  soldPerSecond: number;
  decidedPerSecond: number;
  /** Tickets sold per second over the last minutes; null when it sells too little or too unsteadily. */
  steadyPerSecond: number | null;
}>;

/** What the stream sends, beside events and points. A section is missing until it was read for the first time. */
export type Sections = Readonly<{
  health: Health;
  totals: Totals;
  pending: Pending;
  queues: readonly QueueLine[];
  webhooks: WebhookLines;
  processes: readonly ProcessLine[];
  /** The ids of the events with the most decisions, the busiest first. */
  busiest: readonly number[];
}>;

/** A message of the stream: what changed since the previous one. The first has everything. */
export type Change = Readonly<{
  sections: Partial<Sections>;
  /** By id; null removes an event. */
  events: Readonly<Record<string, EventLine | null>>;
  /** The first message has those of the last five minutes, each later one the new ones. */
  points: readonly Point[];
}>;

export type OrderLine = Readonly<{
  id: string;
  eventId: number;
  eventCode: string;
  /** What it has now; of an order that has ended, what it had last; of a rejected one, what it asked for. */
  tickets: readonly Readonly<{ ticketType: string; quantity: number }>[];
  status: string;
  /** Why it was rejected, in a sentence. */
  reason: string | null;
  strategy: string;
  customerRef: string | null;
  createdAt: string;
  decidedAt: string | null;
  version: number;
}>;

/** Orders of an event by the statuses that follow a first decision. */
export type EventCounts = Readonly<{ held: number; expired: number; cancelled: number }>;

/** Amounts are in the minor unit of the currency. */
export type Money = Readonly<{ amount: number; currency: string }>;

export type ItemLine = Readonly<{ ticketType: string; quantity: number; unitPrice: Money | null }>;

/** A transition of an order. */
export type TransitionLine = Readonly<{
  at: string;
  from: string;
  to: string;
  actor: string;
  reason: string | null;
  /** The tickets that were given back, when the order kept others. */
  items: readonly Readonly<{ ticketType: string; quantity: number }>[];
}>;

/** The answer to a change of an order: what was done, in a sentence. */
export type OrderChanged = Readonly<{ message: string }>;

/** The newest orders that a search found. */
export type FoundOrders = Readonly<{ orders: readonly OrderLine[]; hasMore: boolean }>;

export type OrderPage = Readonly<{ orders: readonly OrderLine[]; next: string | null }>;

/** A webhook delivery with its latest attempts, the latest first. */
export type DeliveryLine = Readonly<{
  id: string;
  type: string;
  orderId: string | null;
  status: string;
  createdAt: string;
  finishedAt: string | null;
  nextAttemptAt: string | null;
  attempts: readonly Readonly<{
    number: number;
    result: string;
    status: number | null;
    responseBody: string | null;
    error: string | null;
    startedAt: string;
    durationMs: number;
  }>[];
}>;

/** A delivery with its endpoint, of which the origin is shown only: the rest of the URL may hold secrets. */
export type OrderDeliveryLine = DeliveryLine & Readonly<{ endpointId: string; origin: string; isEnabled: boolean }>;

export type OrderDetail = Readonly<{
  order: OrderLine;
  /** What it has now; of an order that has ended, what it had last. */
  items: readonly ItemLine[];
  total: Money | null;
  paymentReference: string | null;
  expiresAt: string | null;
  /** Of a held order, until its hold ends; 0 when it is due. */
  expiresInSeconds: number | null;
  history: readonly TransitionLine[];
  deliveries: readonly OrderDeliveryLine[];
}>;
