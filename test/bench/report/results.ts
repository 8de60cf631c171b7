// What bench/results.json has in it.
import type { Machine } from "../machine/describe-machine.ts";
import type { ContestantName, FigureName, Figures, ScenarioName } from "../names.ts";
import { type Spread, spreadOfEach } from "./statistics.ts";

export type Summary = Readonly<Partial<Record<FigureName, Spread>>>;

/** One contestant in one scenario. */
export type Result = Readonly<{
  scenario: ScenarioName;
  contestant: ContestantName;
  /** As measured, in the order of the rounds. */
  rounds: readonly Figures[];
  summary: Summary;
}>;

export type Results = Readonly<{
  version: 1;
  /** Whether every run was done in every round. */
  isComplete: boolean;
  startedAt: string;
  finishedAt: string;
  machine: Machine;
  /** The load average when it began: of others, mostly. */
  loadAverageBefore: number;
  durability: Readonly<Record<string, string>>;
  options: Readonly<{ rounds: number; seconds: number; quick: boolean; only: readonly string[] | null }>;
  setup: Readonly<{
    hotRowTool: "pgbench" | "pg";
    hotRowConnections: number;
    poolSizes: Readonly<Record<string, number>>;
    oldOrderCount: number;
    /** Runs that were done once more, because something else took much of the CPU meanwhile. */
    repeatedRuns: number;
  }>;
  results: readonly Result[];
  targets: readonly TargetResult[];
}>;

/** A promise of the project, measured. */
export type TargetResult = Readonly<{
  name: string;
  comparison: "at least" | "at most";
  target: number;
  unit: "times" | "ms";
  /** Null when what it needs was not run. */
  measured: Spread | null;
  reached: boolean | null;
  /** Which of several contestants counts. */
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
