// The types of what the server sends to the view of one event. Types only: the browser never loads this file.

/** The answer to a change of an event: what was done, in a sentence. */
export type EventChanged = Readonly<{ message: string }>;

/** What people set of an event's sale beyond its times and its stock. */
export type EventRules = Readonly<{
  maxPerOrder: number | null;
  maxPerCustomer: number | null;
  offerSeconds: number;
  waitlistPolicy: "skip" | "strict";
  /** False when the service has no CUSTOMER_KEY. */
  canLimitCustomers: boolean;
  /** By ticket type; those without a price are missing. */
  prices: Readonly<Record<string, Readonly<{ amount: number; currency: string }>>>;
}>;

/** How far the cancellation of an event has got; null when it was not cancelled. */
export type CancellationProgress = Readonly<{
  progress: Readonly<{
    reason: string | null;
    startedAt: string;
    finishedAt: string | null;
    /** Orders to cancel; null until they are counted. */
    total: number | null;
    cancelled: number;
  }> | null;
}>;

export type CodeLine = Readonly<{
  id: number;
  /** The code's last characters; null for a short code. */
  hint: string | null;
  ticketTypes: readonly string[];
  maxUses: number;
  used: number;
  maxPerOrder: number | null;
  createdAt: string;
  revokedAt: string | null;
}>;

/** The newest codes first. */
export type CodePage = Readonly<{
  codes: readonly CodeLine[];
  next: string | null;
  /** False when the service has no CUSTOMER_KEY. */
  canCreate: boolean;
}>;

/** The only answer that has new codes. */
export type CreatedCodes = EventChanged & Readonly<{ codes: readonly string[] }>;

/** An order of the waiting list. */
export type WaitingLine = Readonly<{
  id: string;
  tickets: string;
  customerRef: string | null;
  ageSeconds: number;
}>;

/** The head of the waiting list, the first in line first. */
export type WaitingHead = Readonly<{ orders: readonly WaitingLine[]; hasMore: boolean }>;

/** Who did what to an event. */
export type ActivityLine = Readonly<{ id: number; at: string; actor: string; text: string }>;

/** The newest first. */
export type ActivityPage = Readonly<{ activities: readonly ActivityLine[]; next: string | null }>;

/** Of one ticket type, or of all together: tickets sold and given back, and orders refused, in each interval. */
export type SaleSeries = Readonly<{
  ticketType: string | null;
  sold: readonly number[];
  returned: readonly number[];
  refused: readonly number[];
}>;

/** Orders that were rejected for one reason. */
export type RejectionLine = Readonly<{ reason: string; words: string; orders: number }>;

/** What an event sold, from its first decision to its last one so far. */
export type SaleHistory = Readonly<{
  /** False while the beginning is still being added up; a further request gets more. */
  isComplete: boolean;
  /** When the first interval begins; null when nothing was decided yet. */
  startMs: number | null;
  widthSeconds: number;
  series: readonly SaleSeries[];
  /** Orders with a decision. */
  decidedCount: number;
  /** The most frequent reason first. */
  rejections: readonly RejectionLine[];
}>;

/** What the last audit of an event found. */
export type AuditLine = Readonly<{
  checkedAt: string;
  orderCount: number;
  ok: boolean;
  /** Of the invariants that do not hold, each in a sentence. */
  faults: readonly string[];
}>;

/** `last`: null when the event was not audited yet. */
export type AuditState = Readonly<{ last: AuditLine | null; isRunning: boolean; failure: string | null }>;

/** The webhook endpoints that get what happens to an event's orders. */
export type EventWebhooks = Readonly<{
  enabled: number;
  failing: number;
  disabled: number;
  /** Deliveries that are to be sent, of all events of these endpoints. */
  pending: number;
}>;
