// The whole benchmark: the server, the search for fair settings, the rounds, and what came of them.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer } from "../support/redis-program.ts";
import type { Arena } from "./contestants/contestant.ts";
import { findHotRowTool } from "./contestants/hot-row.ts";
import { startDatabaseServer } from "./machine/database-server.ts";
import { describeMachine } from "./machine/describe-machine.ts";
import { type ContestantName, contestantTitles, type Figures, scenarioTitles } from "./names.ts";
import type { Options } from "./options.ts";
import { formatCount } from "./report/format.ts";
import { createProgress, type Progress } from "./report/progress.ts";
import { type Results, summarise } from "./report/results.ts";
import { judge } from "./report/targets.ts";
import { scenarios } from "./scenarios/registry.ts";
import type { Scenario, ScenarioContext } from "./scenarios/scenario.ts";
import { tune, tuningWeight } from "./tune.ts";

const oldOrderCount = 5_000_000;
const oldOrderCountQuick = 100_000;
/** Of a run, beside its loads: databases, processes, the warm-up, audits. */
const overheadSeconds = 7;

type Run = Readonly<{ scenario: Scenario; contestant: ContestantName; figures: Figures[] }>;

export async function runBench(options: Options): Promise<Results> {
  const startedAt = new Date().toISOString();
  const loadAverageBefore = loadavg()[0] ?? 0;
  const redisProgram = findRedisServer();
  const runs = chooseRuns(options, redisProgram !== undefined);
  const oldOrders = options.isQuick ? oldOrderCountQuick : oldOrderCount;
  const weightOf = ({ scenario }: Run) => scenario.loadCount * options.seconds + overheadSeconds;
  const contestants = new Set(runs.map(({ contestant }) => contestant));
  const totalWeight = options.rounds * runs.reduce((sum, run) => sum + weightOf(run), 0);
  const progress = createProgress(totalWeight + tuningWeight(contestants, options.isQuick));
  const folder = mkdtempSync(join(tmpdir(), "onsale-bench-"));
  // PostgreSQL runs as another user when this runs as root.
  chmodSync(folder, 0o755);
  try {
    const server = await startDatabaseServer(folder, oldOrders, progress.tell);
    try {
      const arena: Arena = { server, redisProgram, poolSizes: new Map() };
      const tool = await findHotRowTool();
      const hotRowConnections = await tune(arena, tool, contestants, options.isQuick, progress);
      const hotRow = { tool, connections: hotRowConnections };
      const context: ScenarioContext = { arena, seconds: options.seconds, hotRow };
      await runRounds(runs, options.rounds, context, weightOf, progress);

      const results = runs.map(({ scenario, contestant, figures }) => summarise(scenario.name, contestant, figures));
      const { rounds, seconds, isQuick, scenarios: onlyScenarios, contestants: onlyContestants } = options;
      const only = [...(onlyScenarios ?? []), ...(onlyContestants ?? [])];
      return {
        ...{ version: 1, startedAt, finishedAt: new Date().toISOString(), loadAverageBefore },
        machine: describeMachine(server.version, redisProgram),
        durability: server.durability,
        options: { rounds, seconds, quick: isQuick, only: only.length === 0 ? null : only },
        setup: {
          ...{ hotRowTool: tool, hotRowConnections, oldOrderCount: oldOrders },
          poolSizes: Object.fromEntries(arena.poolSizes),
        },
        ...{ results, targets: judge(results) },
      };
    } finally {
      await server.stop();
    }
  } finally {
    progress.close();
    rmSync(folder, { recursive: true, force: true });
  }
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

/** Every run once, and then again: whatever the machine does for a while touches all of them alike. */
async function runRounds(
  runs: readonly Run[],
  rounds: number,
  context: ScenarioContext,
  weightOf: (run: Run) => number,
  progress: Progress,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const run of runs) {
      const { scenario, contestant, figures } = run;
      const what = `${scenarioTitles[scenario.name]}: ${contestantTitles[contestant]}`;
      progress.begin(`round ${round} of ${rounds}, ${what}`, weightOf(run));
      const measured = await scenario.run(contestant, context);
      figures.push(measured);
      progress.tell(`${formatCount(measured.decidedPerSecond ?? measured.answersPerSecond)} a second`);
      progress.done();
    }
  }
}
