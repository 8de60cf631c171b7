// The contents of bench/results.json.
import type { Machine } from "../machine/describe-machine.ts";
import type { ContestantName, FigureName, Figures, ScenarioName } from "../names.ts";
import { type Spread, spreadOfEach } from "./statistics.ts";

export type Summary = Readonly<Partial<Record<FigureName, Spread>>>;

/** One contestant in one scenario. */
export type Result = Readonly<{
  scenario: ScenarioName;
  contestant: ContestantName;
  /** The figures of each round, in the order of the rounds. */
  rounds: readonly Figures[];
  summary: Summary;
}>;

export type Results = Readonly<{
  version: 1;
  /** Whether every round has every run. */
  isComplete: boolean;
  startedAt: string;
  finishedAt: string;
  machine: Machine;
  /** The load average at the start, which other programs cause. */
  loadAverageBefore: number;
  durability: Readonly<Record<string, string>>;
  options: Readonly<{ rounds: number; seconds: number; quick: boolean; only: readonly string[] | null }>;
  setup: Readonly<{
    hotRowTool: "pgbench" | "pg";
    hotRowConnections: number;
    poolSizes: Readonly<Record<string, number>>;
    oldOrderCount: number;
    /** Runs that were repeated, because other programs took much of the CPU. */
    repeatedRuns: number;
  }>;
  results: readonly Result[];
  targets: readonly TargetResult[];
}>;

/** A target and its measured value. */
export type TargetResult = Readonly<{
  name: string;
  comparison: "at least" | "at most";
  target: number;
  unit: "times" | "ms" | "MB";
  /** Null when a run that it needs is missing. */
  measured: Spread | null;
  reached: boolean | null;
  /** The contestants that count. */
  note: string;
}>;

export function summarise(scenario: ScenarioName, contestant: ContestantName, rounds: readonly Figures[]): Result {
  return { scenario, contestant, rounds, summary: spreadOfEach<FigureName>(rounds) };
}

export function findResult(
  results: readonly Result[],
  scenario: ScenarioName,
  contestant: ContestantName,
): Result | undefined {
  return results.find((result) => result.scenario === scenario && result.contestant === contestant);
}
