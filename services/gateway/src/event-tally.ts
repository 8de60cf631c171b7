// What a gateway knows of an event's queue without asking: what it recorded itself, and what all workers decided.
import type { Decided } from "@onsale/database/channels";
import type { PendingMarks } from "@onsale/domain/queue-position";
import { createDecisionRate, type DecisionRate } from "./decision-rate.ts";

export type Tally = {
  readonly eventId: number;
  readonly rate: DecisionRate;
  accepted: number;
  decided: number;
  /** The last order that this gateway recorded, and the last one that is known to be decided. */
  acceptedSeq: number;
  decidedSeq: number;
  /** When this gateway had orders that were not decided for the first time since it had none. */
  behindSinceMs: number;
  /** The last count, with what the tally said when it began. */
  counted: Readonly<{ marks: PendingMarks | undefined; atMs: number; accepted: number; decided: number }> | undefined;
  /** The count that will come. */
  counting: Promise<void> | undefined;
};

export function createTally(eventId: number): Tally {
  return {
    ...{ eventId, rate: createDecisionRate(), accepted: 0, decided: 0, acceptedSeq: 0, decidedSeq: 0 },
    ...{ behindSinceMs: 0, counted: undefined, counting: undefined },
  };
}

/** @param lastSeq of the orders that were recorded */
export function noteAccepted(tally: Tally, count: number, lastSeq: number): void {
  tally.accepted += count;
  if (!isBehind(tally)) tally.behindSinceMs = performance.now();
  tally.acceptedSeq = Math.max(tally.acceptedSeq, lastSeq);
  settle(tally);
}

export function noteDecided(tally: Tally, { count, seq }: Decided): void {
  tally.decided += count;
  tally.decidedSeq = Math.max(tally.decidedSeq, seq);
  tally.rate.note(count);
  settle(tally);
}

/** Whether this gateway has recorded an order of the event that is not known to be decided. */
export function isBehind({ acceptedSeq, decidedSeq }: Tally): boolean {
  return acceptedSeq > decidedSeq;
}

/** Once everything of this gateway is decided, nothing of it is pending: no count is needed to know that. */
function settle(tally: Tally): void {
  if (isBehind(tally)) return;
  const { accepted, decided } = tally;
  tally.counted = { marks: undefined, atMs: Number.NEGATIVE_INFINITY, accepted, decided };
}
