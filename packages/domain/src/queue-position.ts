// The place of a pending order in its event's queue, from a count and what happened since; pure.
import type { QueuePosition } from "@onsale/contracts/order";

/** A count of an event's pending orders, with samples of their `seq`. */
export type PendingMarks = Readonly<{
  count: number;
  oldestAgeSeconds: number;
  /** The `seq` of every `step`th pending order, rising. */
  marks: readonly number[];
  step: number;
}>;

/** Orders of the event that were accepted and decided since the count, as far as known, and its recent pace. */
export type SinceCounted = Readonly<{ accepted: number; decided: number; decidedPerSecond: number }>;

const nothingPending: PendingMarks = { count: 0, oldestAgeSeconds: 0, marks: [], step: 1 };

/** Used without a known pace: an idle event's first order is decided within milliseconds. */
const assumedPerSecond = 1_000;
/**
 * An event is stalled when its oldest order is pending for longer than this and none is decided: no time is estimated.
 */
const stalledAfterSeconds = 2;

/**
 * Estimates how many orders are decided before a pending order, and the time until its decision at the event's recent
 * pace.
 *
 * @param seq the order's
 * @param counted undefined when nothing was pending, or before the first count
 */
export function queuePosition(seq: number, counted: PendingMarks | undefined, since: SinceCounted): QueuePosition {
  const pending = counted ?? nothingPending;
  const ahead = Math.max(0, Math.round(placeOf(seq, pending, since.accepted) - since.decided));
  const isStalled = since.decidedPerSecond <= 0 && pending.oldestAgeSeconds > stalledAfterSeconds;
  if (isStalled) return { ahead, estimatedSeconds: null };
  const perSecond = since.decidedPerSecond > 0 ? since.decidedPerSecond : assumedPerSecond;
  return { ahead, estimatedSeconds: Math.ceil(((ahead + 1) / perSecond) * 10) / 10 };
}

/** How many of the counted orders come before one; between two marks they are assumed to be evenly spaced. */
function placeOf(seq: number, { count, marks, step }: PendingMarks, acceptedSince: number): number {
  const last = marks.at(-1) ?? 0;
  if (seq > last) {
    // The order is one of the last counted ones, or it was accepted after the count.
    return Math.min(count + Math.max(0, acceptedSince - 1), (marks.length - 1) * step + (seq - last));
  }
  const next = marks.findIndex((mark) => mark >= seq);
  const after = marks[next] ?? seq;
  const before = marks[next - 1];
  if (before === undefined) return 0;
  return (next - 1) * step + (step * (seq - before)) / (after - before);
}
