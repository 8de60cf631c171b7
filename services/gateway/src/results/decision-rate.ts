/** How many orders were decided lately. */
export type DecisionRate = Readonly<{
  note: (count: number, nowMs?: number) => void;
  /** Over the last five seconds, or since the first decision when that is less; 0 after a pause of two seconds. */
  perSecond: (nowMs?: number) => number;
}>;

const windowMs = 5_000;
const bucketMs = 250;
const pauseMs = 2_000;

export function createDecisionRate(): DecisionRate {
  /** Decisions by the quarter of a second that they fell into, the oldest first. */
  const buckets: { startMs: number; count: number }[] = [];
  /** Of all buckets: every answer to a purchase asks for it. */
  let sum = 0;
  let lastMs = 0;

  function forgetOld(nowMs: number): void {
    const oldestMs = nowMs - lastMs > pauseMs ? nowMs : nowMs - windowMs;
    for (let first = buckets[0]; first !== undefined && first.startMs < oldestMs; first = buckets[0]) {
      sum -= first.count;
      buckets.shift();
    }
  }

  return {
    note: (count, nowMs = performance.now()) => {
      forgetOld(nowMs);
      lastMs = nowMs;
      sum += count;
      const last = buckets.at(-1);
      if (last !== undefined && nowMs < last.startMs + bucketMs) last.count += count;
      else buckets.push({ startMs: nowMs, count });
    },
    perSecond: (nowMs = performance.now()) => {
      forgetOld(nowMs);
      const [first] = buckets;
      if (first === undefined) return 0;
      return (sum * 1_000) / Math.max(bucketMs, nowMs - first.startMs);
    },
  };
}
