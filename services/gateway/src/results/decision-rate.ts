/** Measures how many orders of an event were decided per second lately. */
export type DecisionRate = Readonly<{
  note: (count: number, nowMs?: number) => void;
  /** Over the last five seconds, or since the first decision when that is shorter; 0 after a pause of two seconds. */
  perSecond: (nowMs?: number) => number;
  /** As if nothing was decided before: over five seconds in any case, so that one batch is no rate. */
  sustainedPerSecond: (nowMs?: number) => number;
}>;

const windowMs = 5_000;
const intervalMs = 250;
const pauseMs = 2_000;

export function createDecisionRate(): DecisionRate {
  /** Decisions per quarter of a second, the oldest first. */
  const intervals: { startMs: number; count: number }[] = [];
  /** Over all intervals. Kept, because every answer to a purchase needs it. */
  let sum = 0;
  let lastMs = 0;

  function dropOld(nowMs: number): void {
    const oldestMs = nowMs - lastMs > pauseMs ? nowMs : nowMs - windowMs;
    for (let first = intervals[0]; first !== undefined && first.startMs < oldestMs; first = intervals[0]) {
      sum -= first.count;
      intervals.shift();
    }
  }

  return {
    note: (count, nowMs = performance.now()) => {
      dropOld(nowMs);
      lastMs = nowMs;
      sum += count;
      const last = intervals.at(-1);
      if (last !== undefined && nowMs < last.startMs + intervalMs) last.count += count;
      else intervals.push({ startMs: nowMs, count });
    },
    perSecond: (nowMs = performance.now()) => {
      dropOld(nowMs);
      const [first] = intervals;
      if (first === undefined) return 0;
      return (sum * 1_000) / Math.max(intervalMs, nowMs - first.startMs);
    },
    sustainedPerSecond: (nowMs = performance.now()) => {
      dropOld(nowMs);
      return (sum * 1_000) / windowMs;
    },
  };
}
