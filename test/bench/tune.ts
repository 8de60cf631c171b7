// Searches the best settings of the other designs on this machine by trials: the connections of the hot row, and the
// pool sizes of the synchronous designs.
import type { Arena } from "./contestants/contestant.ts";
import type { ContestantName } from "./names.ts";
import type { Progress } from "./report/progress.ts";
import { median } from "./report/statistics.ts";
import { runHotRow } from "./scenarios/one-event/hot-event.ts";
import { runHotEvent } from "./scenarios/one-event/run-hot-event.ts";

const hotRowConnectionCounts = [1, 2, 4, 8, 16, 32];
const usualHotRowConnections = 4;
const poolSizes = [1, 2, 4, 8, 16, 32];
const usualPoolSize = 8;
const trialSeconds = 2;
/** The trials of each candidate, in turn with the others. The best get more, because trials are short and noisy. */
const passCount = 2;
const finalistCount = 3;
const finalPassCount = 3;
/** The weight of a trial, with the start and stop of its processes. */
const trialWeight = 6;
const synchronousNames = ["synchronous-pessimistic", "synchronous-optimistic"] as const;

/** The share of the search in the progress. */
export function tuningWeight(contestants: ReadonlySet<ContestantName>, isQuick: boolean): number {
  if (isQuick) return 0;
  const weightOf = (candidates: readonly number[]) =>
    (candidates.length * passCount + finalistCount * finalPassCount) * trialWeight;
  const searchCount = synchronousNames.filter((name) => contestants.has(name)).length;
  return searchCount * weightOf(poolSizes) + (contestants.has("hot-row") ? weightOf(hotRowConnectionCounts) : 0);
}

/** Sets the arena's pool sizes, and returns the best number of connections for the hot row. */
export async function tune(
  arena: Arena,
  tool: "pgbench" | "pg",
  contestants: ReadonlySet<ContestantName>,
  isQuick: boolean,
  progress: Progress,
  isStopping: () => boolean,
): Promise<number> {
  const context = { arena, seconds: trialSeconds, hotRow: { tool, connections: usualHotRowConnections } };
  for (const name of synchronousNames) {
    if (isQuick || isStopping() || !contestants.has(name)) {
      arena.poolSizes.set(name, usualPoolSize);
      continue;
    }
    const best = await findBest(poolSizes, `pool size of ${name}`, progress, async (size) => {
      arena.poolSizes.set(name, size);
      return (await runHotEvent(name, context)).decidedPerSecond ?? 0;
    });
    arena.poolSizes.set(name, best);
  }
  if (isQuick || isStopping() || !contestants.has("hot-row")) return usualHotRowConnections;
  return findBest(hotRowConnectionCounts, "connections of the hot row", progress, async (connections) => {
    return (await runHotRow(context, connections, trialSeconds)).decidedPerSecond ?? 0;
  });
}

type Trials = Readonly<{ candidate: number; scores: number[] }>;

/** The candidate with the highest median among those whose best trials were the highest. */
async function findBest(
  candidates: readonly number[],
  what: string,
  progress: Progress,
  attempt: (candidate: number) => Promise<number>,
): Promise<number> {
  const trials: Trials[] = candidates.map((candidate) => ({ candidate, scores: [] }));
  async function pass(chosen: readonly Trials[]): Promise<void> {
    for (const { candidate, scores } of chosen) {
      progress.begin(`finding the best ${what}: ${candidate}`, trialWeight);
      const score = await attempt(candidate);
      scores.push(score);
      progress.tell(`${Math.round(score).toLocaleString("en")} orders/s`);
      progress.done();
    }
  }
  for (let count = 0; count < passCount; count++) await pass(trials);
  const finalists = trials.toSorted((a, b) => Math.max(...b.scores) - Math.max(...a.scores)).slice(0, finalistCount);
  for (let count = 0; count < finalPassCount; count++) await pass(finalists);
  const [best] = finalists.toSorted((a, b) => median(b.scores) - median(a.scores));
  if (best === undefined) throw new Error(`there is nothing to choose the best ${what} from`);
  return best.candidate;
}
