// How much pressure a gateway is under, from what is measured of it.
import { getHeapStatistics } from "node:v8";

/** How much pressure there is: 0 is none. A route is refused from its own level on. */
export type PressureLevel = 0 | 1 | 2 | 3;

/** From which values on there is pressure of the levels 1, 2 and 3. */
export type LevelLimits = readonly [lists: number, purchases: number, all: number];

/** Undefined for no limit. */
export type PressureLimits = Readonly<{ loopDelayMs: LevelLimits | undefined; heapBytes: LevelLimits | undefined }>;

/** @param loopDelayMsMax 0 for no limit, as `heapPercentMax` */
export function pressureLimits(loopDelayMsMax: number, heapPercentMax: number): PressureLimits {
  const { heap_size_limit: heapBytes } = getHeapStatistics();
  const free = 100 - heapPercentMax;
  const percents = [heapPercentMax, heapPercentMax + free / 2, heapPercentMax + (3 * free) / 4] as const;
  const bytesOf = (percent: number) => (heapBytes * percent) / 100;
  return {
    loopDelayMs: loopDelayMsMax === 0 ? undefined : [loopDelayMsMax, 2 * loopDelayMsMax, 4 * loopDelayMsMax],
    heapBytes: heapPercentMax === 0 ? undefined : [bytesOf(percents[0]), bytesOf(percents[1]), bytesOf(percents[2])],
  };
}

/** The pressure of one measured value. */
export function levelOf(value: number, limits: LevelLimits | undefined): PressureLevel {
  if (limits === undefined || value <= limits[0]) return 0;
  if (value <= limits[1]) return 1;
  return value <= limits[2] ? 2 : 3;
}

/** How long there must be pressure without a break: a start, or a process that was frozen, is one late sample. */
const steadyMs = 2_000;
const levels = [3, 2, 1] as const;

/** @returns takes the level of each moment, and gives the highest one that there has been without a break */
export function createSteadyLevel(): (level: PressureLevel, nowMs: number) => PressureLevel {
  const sinceMs = { 1: Number.POSITIVE_INFINITY, 2: Number.POSITIVE_INFINITY, 3: Number.POSITIVE_INFINITY };
  return (level, nowMs) => {
    for (const n of levels) sinceMs[n] = level >= n ? Math.min(sinceMs[n], nowMs) : Number.POSITIVE_INFINITY;
    return levels.find((n) => nowMs - sinceMs[n] >= steadyMs) ?? 0;
  };
}
