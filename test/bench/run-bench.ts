// Runs the whole benchmark: starts the database server, searches the others' best settings, and measures the rounds.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer } from "../support/external/programs.ts";
import type { Arena } from "./contestants/contestant.ts";
import { findHotRowTool } from "./contestants/hot-row.ts";
import { startDatabaseServer } from "./machine/database-server.ts";
import { describeMachine } from "./machine/describe-machine.ts";
import { type QuietBudget, untilQuiet } from "./machine/quiet.ts";
import { type ContestantName, contestantTitles, type Figures, scenarioTitles } from "./names.ts";
import type { Options } from "./options.ts";
import { formatCount } from "./report/format.ts";
import { createProgress, type Progress } from "./report/progress.ts";
import { mainFigure } from "./report/result-tables.ts";
import { type Results, summarise } from "./report/results.ts";
import { judge } from "./report/targets.ts";
import { scenarios } from "./scenarios/registry.ts";
import type { Scenario, ScenarioContext } from "./scenarios/scenario.ts";
import { tune, tuningWeight } from "./tune.ts";

const oldOrderCount = 5_000_000;
const oldOrderCountQuick = 100_000;
/** The time of a run beside its loads: databases, processes, the warm-up, audits. */
const overheadSeconds = 7;

/** A run is disturbed when other programs take more CPU than this. */
const foreignCoresMax = 0.25;
/** The whole benchmark spends at most this long on waiting for a quiet machine and on repeating disturbed runs. */
const quietBudgetMs = 3 * 60_000;

type Run = Readonly<{ scenario: Scenario; contestant: ContestantName; figures: Figures[] }>;

/** How the benchmark cleans up and stops early. */
export type Ending = Readonly<{
  /** Registers a clean-up task. Tasks run in every case at the end, the last registered one first. */
  atEnd: (task: () => Promise<void>) => void;
  /** Whether the benchmark should end after the current run. */
  isStopping: () => boolean;
}>;

export async function runBench(options: Options, { atEnd, isStopping }: Ending): Promise<Results> {
  const startedAt = new Date().toISOString();
  const loadAverageBefore = loadavg()[0] ?? 0;
  const redisProgram = findRedisServer();
  const runs = chooseRuns(options, redisProgram !== undefined);
  const oldOrders = options.isQuick ? oldOrderCountQuick : oldOrderCount;
  const weightOf = ({ scenario }: Run) => scenario.loadCount * options.seconds + overheadSeconds;
  const contestants = new Set(runs.map(({ contestant }) => contestant));
  const totalWeight = options.rounds * runs.reduce((sum, run) => sum + weightOf(run), 0);
  const progress = createProgress(totalWeight + tuningWeight(contestants, options.isQuick));
  atEnd(async () => progress.close());
  const server = await startDatabaseServer(makeFolder(atEnd), oldOrders);
  atEnd(server.stop);

  const arena: Arena = { server, redisProgram, poolSizes: new Map() };
  const tool = await findHotRowTool();
  const hotRowConnections = await tune(arena, tool, contestants, options.isQuick, progress, isStopping);
  const hotRow = { tool, connections: hotRowConnections };
  if (runs.some(({ scenario }) => scenario.name === "old-orders")) await server.makeOldOrders(progress.tell);
  const context: ScenarioContext = { arena, seconds: options.seconds, hotRow };
  const counts = { repeated: 0, quietBudget: { leftMs: quietBudgetMs } };
  for (let round = 1; round <= options.rounds; round++) {
    for (const run of runs) {
      if (isStopping()) break;
      const { scenario, contestant } = run;
      const what = `${scenarioTitles[scenario.name]}: ${contestantTitles[contestant]}`;
      progress.begin(`round ${round} of ${options.rounds}, ${what}`, weightOf(run));
      const measure = options.isQuick ? runOnce : runUndisturbed;
      run.figures.push(await measure(run, context, progress, counts));
      progress.done();
    }
  }
  progress.close();

  const measured = runs.filter(({ figures }) => figures.length > 0);
  const results = measured.map(({ scenario, contestant, figures }) => summarise(scenario.name, contestant, figures));
  const { rounds, seconds, isQuick, scenarios: onlyScenarios, contestants: onlyContestants } = options;
  const only = [...(onlyScenarios ?? []), ...(onlyContestants ?? [])];
  return {
    version: 1,
    isComplete: runs.every(({ figures }) => figures.length === options.rounds),
    startedAt,
    finishedAt: new Date().toISOString(),
    loadAverageBefore,
    machine: describeMachine(server.version, redisProgram),
    durability: server.durability,
    options: { rounds, seconds, quick: isQuick, only: only.length === 0 ? null : only },
    setup: {
      hotRowTool: tool,
      hotRowConnections,
      oldOrderCount: oldOrders,
      repeatedRuns: counts.repeated,
      poolSizes: Object.fromEntries(arena.poolSizes),
    },
    results,
    targets: judge(results),
  };
}

function makeFolder(atEnd: (task: () => Promise<void>) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-bench-"));
  atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  // PostgreSQL runs as another user when this runs as root.
  chmodSync(folder, 0o755);
  return folder;
}

function chooseRuns(options: Options, hasRedis: boolean): Run[] {
  const isChosen = (contestant: ContestantName) =>
    (options.contestants?.includes(contestant) ?? true) && (hasRedis || !contestant.startsWith("onsale-redis"));
  return scenarios
    .filter(({ name }) => options.scenarios?.includes(name) ?? true)
    .flatMap((scenario) =>
      scenario.contestants.filter(isChosen).map((contestant) => ({ scenario, contestant, figures: [] })),
    );
}

async function runOnce({ scenario, contestant }: Run, context: ScenarioContext, progress: Progress): Promise<Figures> {
  const figures = await scenario.run(contestant, context);
  const speed = formatCount(figures[mainFigure(scenario.name)]);
  progress.tell(`${speed} a second; others took ${figures.foreignCores?.toFixed(2) ?? "an unknown part of the"} cores`);
  return figures;
}

/** Repeats a run once when other programs disturbed it; the less disturbed one counts, whatever its figures are. */
async function runUndisturbed(
  run: Run,
  context: ScenarioContext,
  progress: Progress,
  counts: { repeated: number; quietBudget: QuietBudget },
): Promise<Figures> {
  await untilQuiet(counts.quietBudget);
  const first = await runOnce(run, context, progress);
  const { foreignCores = 0 } = first;
  if (foreignCores <= foreignCoresMax || counts.quietBudget.leftMs <= 0) return first;
  counts.repeated++;
  await untilQuiet(counts.quietBudget);
  const begunAt = performance.now();
  const second = await runOnce(run, context, progress);
  counts.quietBudget.leftMs -= performance.now() - begunAt;
  return (second.foreignCores ?? 0) < foreignCores ? second : first;
}
