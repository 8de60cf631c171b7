// The types of what the server sends to the view of one event. Types only: the browser never loads this file.

/** The answer to a change of an event: what was done, in a sentence. */
export type EventChanged = Readonly<{ message: string }>;

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
