// Reads the memory of processes again and again, to see whether it grows.
import type { Role } from "../names.ts";
import { readMemory } from "./process-figures.ts";
import type { MeasuredProcess } from "./processes.ts";

/** What processes had at a moment, in MB by role. */
export type MemorySample = Readonly<{ atMs: number; megabytes: ReadonlyMap<Role, number> }>;

const everyMs = 1_000;

/** @returns ends the watch, and returns what it saw, the oldest first */
export function watchMemory(processes: readonly MeasuredProcess[]): () => readonly MemorySample[] {
  const samples: MemorySample[] = [];
  const take = () => samples.push({ atMs: Date.now(), megabytes: readMemory(processes, "now") });
  take();
  const timer = setInterval(take, everyMs);
  return () => {
    clearInterval(timer);
    return samples;
  };
}

/**
 * The most memory of a role in the second half of some time, in times of the most in its first half; undefined when
 * nothing is known of one of them.
 */
export function memoryGrowth(
  samples: readonly MemorySample[],
  role: Role,
  [beginMs, endMs]: readonly [number, number],
): number | undefined {
  const middleMs = (beginMs + endMs) / 2;
  const peakBetween = (fromMs: number, toMs: number) =>
    Math.max(
      ...samples
        .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
        .map(({ megabytes }) => megabytes.get(role) ?? Number.NaN),
    );
  const growth = peakBetween(middleMs, endMs) / peakBetween(beginMs, middleMs);
  return Number.isFinite(growth) ? growth : undefined;
}
