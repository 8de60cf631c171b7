import type { QueuePosition } from "@onsale/contracts/order";

/** An event's pending orders as they were counted. */
export type PendingMarks = Readonly<{
  count: number;
  oldestAgeSeconds: number;
  /** The `seq` of every `step`th pending order, rising. */
  marks: readonly number[];
  step: number;
}>;

/** What has happened to the event since it was counted, as far as it is known, and its pace. */
export type SinceCounted = Readonly<{ accepted: number; decided: number; decidedPerSecond: number }>;

const nothingPending: PendingMarks = { count: 0, oldestAgeSeconds: 0, marks: [], step: 1 };

/** Without a pace yet; an idle event decides its first order within milliseconds. */
const presumedPerSecond = 1_000;
/** When the oldest order has waited longer than this and nothing is being decided, nobody knows for how long. */
const stuckAfterSeconds = 2;

/**
 * Where a pending order stands, and when it will be decided at the event's recent pace.
 *
 * @param seq the order's
 * @param counted undefined when nothing was pending, or nobody has counted yet
 */
export function queuePosition(seq: number, counted: PendingMarks | undefined, since: SinceCounted): QueuePosition {
  const pending = counted ?? nothingPending;
  const ahead = Math.max(0, Math.round(placeOf(seq, pending, since.accepted) - since.decided));
  const isStuck = since.decidedPerSecond <= 0 && pending.oldestAgeSeconds > stuckAfterSeconds;
  if (isStuck) return { ahead, estimatedSeconds: null };
  const perSecond = since.decidedPerSecond > 0 ? since.decidedPerSecond : presumedPerSecond;
  return { ahead, estimatedSeconds: Math.ceil(((ahead + 1) / perSecond) * 10) / 10 };
}

/** How many of the counted orders come before one; in between two marks they are taken to lie evenly. */
function placeOf(seq: number, { count, marks, step }: PendingMarks, acceptedSince: number): number {
  const last = marks.at(-1) ?? 0;
  if (seq > last) {
    // It is one of the last that were counted, or it came later.
    return Math.min(count + Math.max(0, acceptedSince - 1), (marks.length - 1) * step + (seq - last));
  }
  const next = marks.findIndex((mark) => mark >= seq);
  const after = marks[next] ?? seq;
  const before = marks[next - 1];
  if (before === undefined) return 0;
  return (next - 1) * step + (step * (seq - before)) / (after - before);
}
