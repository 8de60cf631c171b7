// How far an event's queue has got, as this gateway knows it without a query: what it recorded itself, and what all
// workers decided.
import type { Decided } from "@onsale/database/announcements/channels";
import type { PendingMarks } from "@onsale/domain/queue-position";
import { createDecisionRate, type DecisionRate } from "./decision-rate.ts";

export type EventProgress = {
  readonly eventId: number;
  readonly rate: DecisionRate;
  /** Orders that this gateway recorded, and orders that workers decided, since this object was created. */
  accepted: number;
  decided: number;
  /** The last order that this gateway recorded. */
  acceptedSeq: number;
  /** The last order that is known to be decided. */
  decidedSeq: number;
  /** Since when at least one order of this gateway has been undecided, without a break. */
  behindSinceMs: number;
  /** The last count of pending orders, with `accepted` and `decided` as they were when it began. */
  counted: Readonly<{ marks: PendingMarks | undefined; atMs: number; accepted: number; decided: number }> | undefined;
  /** The running count. */
  counting: Promise<void> | undefined;
};

/** @param decidedSeq the last order that is known to be decided */
export function createEventProgress(eventId: number, decidedSeq: number): EventProgress {
  return {
    eventId,
    rate: createDecisionRate(),
    accepted: 0,
    decided: 0,
    acceptedSeq: 0,
    decidedSeq,
    behindSinceMs: 0,
    counted: undefined,
    counting: undefined,
  };
}

/** @param lastSeq the highest `seq` of the recorded orders */
export function noteAccepted(progress: EventProgress, count: number, lastSeq: number): void {
  progress.accepted += count;
  if (!isBehind(progress)) progress.behindSinceMs = performance.now();
  progress.acceptedSeq = Math.max(progress.acceptedSeq, lastSeq);
  settle(progress);
}

/** @param through the last order that is known to be decided */
export function noteDecided(progress: EventProgress, { count }: Decided, through: number): void {
  progress.decided += count;
  progress.decidedSeq = through;
  progress.rate.note(count);
  settle(progress);
}

/** Whether this gateway has recorded an order of the event that is not known to be decided. */
export function isBehind({ acceptedSeq, decidedSeq }: EventProgress): boolean {
  return acceptedSeq > decidedSeq;
}

/** Once all orders of this gateway are decided, none of them is pending: that needs no count. */
function settle(progress: EventProgress): void {
  if (isBehind(progress)) return;
  const { accepted, decided } = progress;
  progress.counted = { marks: undefined, atMs: Number.NEGATIVE_INFINITY, accepted, decided };
}
