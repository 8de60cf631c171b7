// A line of pending orders, that of an event or of all events, as a gateway knows it without a query.
import { pendingLimit } from "./queue-limit.ts";

export type Line = {
  /** Pending at the last count. */
  counted: number;
  /** Recorded by this gateway since then. */
  accepted: number;
  /** Decided by all workers, ever and before that count. */
  decided: number;
  decidedBefore: number;
  /** Purchases that this gateway is about to record. */
  inIntake: number;
  limit: number;
  /** The measured rate of decisions, and the best sustained one of the last `pendingSeconds`. */
  perSecond: number;
  peak: Readonly<{ perSecond: number; atMs: number }>;
};

/** For how long the last order may wait, and how many orders may wait in any case. */
export type LineSettings = Readonly<{ pendingSeconds: number; floor: number }>;

/** Measured rates of decisions (results/decision-rate.ts). */
export type Rates = Readonly<{ perSecond: number; sustainedPerSecond: number }>;

/** What a count found. */
export type Counted = Readonly<{ count: number; oldestAgeSeconds: number }>;

const noPeak = { perSecond: 0, atMs: Number.NEGATIVE_INFINITY };

/** A line that was not counted yet. */
export function createLine({ pendingSeconds, floor }: LineSettings): Line {
  const limit = pendingLimit({ peakPerSecond: 0, oldestAgeSeconds: 0 }, pendingSeconds, floor);
  return { counted: 0, accepted: 0, decided: 0, decidedBefore: 0, inIntake: 0, limit, perSecond: 0, peak: noPeak };
}

/** How many orders of the line are pending, with the purchases that are about to be recorded. */
export function pendingOf({ counted, accepted, decided, decidedBefore, inIntake }: Line): number {
  return Math.max(0, counted + accepted - (decided - decidedBefore)) + inIntake;
}

/** @param decidedBefore the line's `decided` when the count began: it has none of these orders */
export function takeCount(
  line: Line,
  { count, oldestAgeSeconds }: Counted,
  { perSecond, sustainedPerSecond }: Rates,
  decidedBefore: number,
  { pendingSeconds, floor }: LineSettings,
): void {
  line.counted = count;
  line.accepted = 0;
  line.decidedBefore = decidedBefore;
  line.perSecond = perSecond;
  const nowMs = performance.now();
  // A worker that restarts decides nothing for a moment, which does not make the lane slower.
  const isPeakOld = nowMs - line.peak.atMs > pendingSeconds * 1_000;
  const peakPerSecond = isPeakOld ? sustainedPerSecond : Math.max(sustainedPerSecond, line.peak.perSecond);
  if (isPeakOld || peakPerSecond === sustainedPerSecond) line.peak = { perSecond: peakPerSecond, atMs: nowMs };
  line.limit = pendingLimit({ peakPerSecond, oldestAgeSeconds }, pendingSeconds, floor);
}
