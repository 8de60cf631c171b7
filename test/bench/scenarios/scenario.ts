// The type of a scenario, and the steps that most scenarios share.
import type { Arena } from "../contestants/contestant.ts";
import type { PurchasePlan } from "../load/plan.ts";
import type { Installation } from "../measure/installation.ts";
import { checkNothingLost, type LoadOutcome, measureLoad, newKeySuffix } from "../measure/measure-load.ts";
import type { ContestantName, Figures, ScenarioName } from "../names.ts";

export type ScenarioContext = Readonly<{
  arena: Arena;
  /** The length of a measured load. */
  seconds: number;
  /** The tool and connections of the hot row's load. */
  hotRow: Readonly<{ tool: "pgbench" | "pg"; connections: number }>;
}>;

export type Scenario = Readonly<{
  name: ScenarioName;
  contestants: readonly ContestantName[];
  /** The number of loads of that length in one run, to estimate the time left. */
  loadCount: number;
  run: (contestant: ContestantName, context: ScenarioContext) => Promise<Figures>;
}>;

/** Simultaneous buyers, unless a scenario varies their number. */
export const usualConnections = 256;
/** More tickets than any run can sell. */
export const stockForAll = 10_000_000;
export const otherEventCount = 1_000;
export const onsaleNames = ["onsale-postgres", "onsale-postgres-2x2", "onsale-redis", "onsale-redis-2x2"] as const;

const warmUpIndex = 9_999;
const warmUpSeconds = 2;

/** Purchases of one event only. */
export function purchasesOfOne(hotIndex = 0): PurchasePlan {
  return { kind: "purchase", hotTenths: 10, hotIndex, otherCount: 0, keySuffix: newKeySuffix() };
}

/**
 * Lets Node compile the programs' code and lets them open their connections, with purchases of an event that is not
 * measured. The checkpoint after it gives every run the same time until the next one.
 *
 * @returns answers per second
 */
export async function warmUp(installation: Installation, connections = usualConnections): Promise<number> {
  const events =
    installation.contestant.orders === null ? [] : await installation.createEvents([warmUpIndex], stockForAll);
  const spec = { connections, seconds: warmUpSeconds, request: purchasesOfOne(warmUpIndex) };
  const { figures } = await measureLoad(installation, events, spec);
  await installation.pool.query("CHECKPOINT");
  return figures.answersPerSecond ?? 0;
}

/** Plain purchases of a new event with this number: what other loads of the same installation are compared with. */
export async function measureOneEvent(
  installation: Installation,
  index: number,
  seconds: number,
): Promise<LoadOutcome> {
  const events = await installation.createEvents([index], stockForAll);
  const spec = { connections: usualConnections, seconds, request: purchasesOfOne(index) };
  const outcome = await measureLoad(installation, events, spec);
  await checkNothingLost(installation, events, outcome);
  await installation.pool.query("CHECKPOINT");
  return outcome;
}

/** The mean speed of two loads, one before and one after another load. */
export function mean({ decidedPerSecond: before = 0 }: Figures, { decidedPerSecond: after = 0 }: Figures): number {
  return (before + after) / 2;
}
