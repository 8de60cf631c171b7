// What the server tells the browser, and the browser alone reads: types, and nothing that runs.

/** One second of the whole installation. Times in milliseconds; null where nothing was decided. */
export type Point = Readonly<{
  atMs: number;
  acceptedPerSecond: number;
  decidedPerSecond: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Null while it is not known. */
  pending: number | null;
}>;

/**
 * What the console depends on, and what it asks of PostgreSQL one by one; `since` is when that was lost, or null while all
 * is well.
 */
export type Health = Readonly<
  Record<"database" | "queues" | "pending" | "events" | "ranking" | "webhooks", Readonly<{ since: number | null }>>
>;

/** How many there were, in all and a second at present. */
export type Tally = Readonly<{ total: number; perSecond: number }>;

/** Of orders that were decided so, of purchases that were answered without being recorded, and of any other requests. */
export type Rejection = Tally & Readonly<{ reason: string; what: "order" | "purchase" | "request" }>;

export type Totals = Readonly<{
  accepted: Tally;
  decided: Tally;
  confirmed: Tally;
  rejected: Tally;
  ticketsSold: Tally;
  /** Purchases that were answered without being recorded. */
  turnedAway: Tally;
  conflicts: Tally;
  retries: Tally;
  rescued: Tally;
  enqueueFailures: Tally;
  /** Milliseconds from accepted to decided, at present; null when nothing was decided. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Orders in a batch, on average at present. */
  acceptBatch: number | null;
  allocationBatch: number | null;
  /** By reason. */
  rejections: readonly Rejection[];
}>;

export type Pending = Readonly<{ count: number; oldestAgeSeconds: number }>;

export type QueueLine = Readonly<{
  name: string;
  isPaused: boolean;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}>;

export type WebhookLines = Readonly<{
  attempts: readonly (Tally & Readonly<{ result: string }>)[];
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
  /** `missing` has not been heard of for some seconds. */
  state: "up" | "missing";
  silentSeconds: number;
  cpuPercent: number | null;
  memoryBytes: number;
}>;

export type StockLine = Readonly<{ ticketType: string; total: number; sold: number; held: number; available: number }>;

export type EventLine = Readonly<{
  id: number;
  code: string;
  name: string;
  accountName: string;
  startTime: string;
  inventory: readonly StockLine[];
  pending: number;
  soldPerSecond: number;
  decidedPerSecond: number;
}>;

/** Everything that the console shows without being asked; sections that are not known yet are missing. */
export type Sections = Readonly<{
  health: Health;
  totals: Totals;
  pending: Pending;
  queues: readonly QueueLine[];
  webhooks: WebhookLines;
  processes: readonly ProcessLine[];
  /** The events that are sold at present, the busiest first. */
  busiest: readonly number[];
}>;

/** A message of the stream: what changed since the one before; the first has all of it. */
export type Change = Readonly<{
  sections: Partial<Sections>;
  /** By id; null is not watched any more. */
  events: Readonly<Record<string, EventLine | null>>;
  /** In the first message those of the last minutes, then each as it comes. */
  points: readonly Point[];
}>;

export type OrderLine = Readonly<{
  id: string;
  eventId: number;
  eventCode: string;
  ticketType: string;
  quantity: number;
  status: string;
  reason: string | null;
  strategy: string;
  customerRef: string | null;
  createdAt: string;
  decidedAt: string | null;
  version: number;
}>;

export type OrderPage = Readonly<{ orders: readonly OrderLine[]; next: string | null }>;

export type DeliveryLine = Readonly<{
  id: string;
  endpointId: string;
  origin: string;
  isEnabled: boolean;
  type: string;
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

export type OrderDetail = Readonly<{ order: OrderLine; deliveries: readonly DeliveryLine[] }>;
