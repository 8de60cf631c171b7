// Finds the settings with which the others are at their best here, by trying: connections of the hot row, and pool sizes
// of the synchronous designs.
import type { Arena } from "./contestants/contestant.ts";
import type { ContestantName } from "./names.ts";
import type { Progress } from "./report/progress.ts";
import { runHotRow } from "./scenarios/hot-event.ts";
import { runHotEvent } from "./scenarios/run-hot-event.ts";

const hotRowConnectionCounts = [1, 2, 4, 8, 16, 32];
const usualHotRowConnections = 4;
const poolSizes = [1, 2, 4, 8, 16, 32];
const usualPoolSize = 8;
const trialSeconds = 2;
/** Each candidate is tried so often, in turn with the others, and its best trial counts. */
const passCount = 2;
/** A trial with what it needs around it. */
const trialWeight = 6;
const synchronousNames = ["synchronous-pessimistic", "synchronous-optimistic"] as const;

/** How much of the progress the search is. */
export function tuningWeight(contestants: ReadonlySet<ContestantName>, isQuick: boolean): number {
  if (isQuick) return 0;
  const trials = synchronousNames.filter((name) => contestants.has(name)).length * poolSizes.length;
  return (trials + (contestants.has("hot-row") ? hotRowConnectionCounts.length : 0)) * passCount * trialWeight;
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

async function findBest(
  candidates: readonly number[],
  what: string,
  progress: Progress,
  attempt: (candidate: number) => Promise<number>,
): Promise<number> {
  let best = { candidate: 0, score: Number.NEGATIVE_INFINITY };
  for (const candidate of Array.from({ length: passCount }, () => candidates).flat()) {
    progress.begin(`finding the best ${what}: ${candidate}`, trialWeight);
    const score = await attempt(candidate);
    progress.tell(`${Math.round(score).toLocaleString("en")} orders/s`);
    progress.done();
    if (score > best.score) best = { candidate, score };
  }
  return best.candidate;
}
