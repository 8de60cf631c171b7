import type { LeftBehind } from "@onsale/database/statements/find-left-behind";

/**
 * Tells which buckets do not move: the same order has been their first pending one in all looks for some time. A long
 * backlog that somebody works off is not that.
 *
 * @param stuckAfterMs how long a bucket must not have moved
 * @returns takes what a look found, at a time of a clock that only rises; returns the buckets that are stuck
 */
export function createStuckDetector(stuckAfterMs: number): (found: readonly LeftBehind[], nowMs: number) => number[] {
  let first = new Map<number, Readonly<{ seq: number; sinceMs: number }>>();
  return (found, nowMs) => {
    const next = new Map<number, Readonly<{ seq: number; sinceMs: number }>>();
    for (const { bucket, seq } of found) {
      const known = first.get(bucket);
      next.set(bucket, known?.seq === seq ? known : { seq, sinceMs: nowMs });
    }
    first = next;
    return Array.from(first).flatMap(([bucket, { sinceMs }]) => (nowMs - sinceMs >= stuckAfterMs ? bucket : []));
  };
}
