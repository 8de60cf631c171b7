import { relative } from "node:path";

const shownMax = 10;

/** Collects how long each test file took. */
export function createDurations(folder: string) {
  const durations: { file: string; durationMs: number }[] = [];
  return {
    add: (file: string, durationMs: number) => durations.push({ file: relative(folder, file), durationMs }),
    /** The slowest files as text, for whoever wants to make the run faster. */
    describeSlowest: (): string => {
      const slowest = durations.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, shownMax);
      const lines = slowest.map(({ file, durationMs }) => `${(durationMs / 1_000).toFixed(1).padStart(7)} s  ${file}`);
      return ["\nThe slowest files:", ...lines].join("\n");
    },
  };
}
