import type { LeftBehind } from "@onsale/database/statements/pending/find-left-behind";

/**
 * Creates a function that says which buckets are stalled: the same order has been the first pending one in every call
 * for some time. A long backlog that a worker works off is not stalled.
 *
 * @param stalledAfterMs how long a bucket must have made no progress
 * @returns a function of the first pending order of each bucket and of a monotonic time; it returns the stalled buckets
 */
export function createStallDetector(stalledAfterMs: number): (found: readonly LeftBehind[], nowMs: number) => number[] {
  let firstByBucket = new Map<number, Readonly<{ seq: number; sinceMs: number }>>();
  return (found, nowMs) => {
    const next = new Map<number, Readonly<{ seq: number; sinceMs: number }>>();
    for (const { bucket, seq } of found) {
      const known = firstByBucket.get(bucket);
      next.set(bucket, known?.seq === seq ? known : { seq, sinceMs: nowMs });
    }
    firstByBucket = next;
    return Array.from(next).flatMap(([bucket, { sinceMs }]) => (nowMs - sinceMs >= stalledAfterMs ? bucket : []));
  };
}
