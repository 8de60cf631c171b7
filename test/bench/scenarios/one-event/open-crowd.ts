import { slowDecisions } from "../../../support/database/slow-decisions.ts";
import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { memoryGrowth, watchMemory } from "../../machine/watch-memory.ts";
import { checkSoundness, UnsoundError } from "../../measure/check-soundness.ts";
import { type Installation, withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import { decidedPerSecondAtBest, decidedPerSecondBetween, untilAllDecided } from "../../measure/order-figures.ts";
import { placeOrders } from "../../measure/place-orders.ts";
import { type FigureName, type Figures, roles } from "../../names.ts";
import { purchasesOfOne, type Scenario, stockForAll, warmUp } from "../scenario.ts";

const timesTheCapacity = 10;
/** A crowd of ten times what a fast installation decides would need more processors than it does. */
const msPerDecision = 3;
const ordersPerSecondMax = Math.ceil(1_000 / msPerDecision);
/** So many requests are without an answer at the most: a crowd that does not wait needs a connection for each. */
const connections = 4_000;
const generatorCount = 2;
/** In times of the usual 5 s of a load: 20 s, and two minutes. */
const partsOfPeak = 4;
const partsOfCrowd = 24;
const decideMaxMs = 120_000;
/** What a gateway answers that gets too little of the machine. */
const overloaded = "503 overloaded";

/**
 * Buyers who come ten times as fast as orders are decided at best, and do not wait for those before them. Decisions are
 * slow, so that one machine can send that crowd. What is decided at best is measured before, in the same installation:
 * of a backlog, while nobody buys.
 */
export const openCrowd: Scenario = {
  name: "open-crowd",
  contestants: ["onsale-postgres", "onsale-postgres-2x2"],
  /** And the orders that are pending after the crowd, for 15 s. */
  loadCount: partsOfPeak + partsOfCrowd + 3,
  run: (name, context) =>
    withInstallation(context.arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      await slowDecisions(installation.db, msPerDecision);
      const peakPerSecond = await measurePeak(installation, partsOfPeak * context.seconds);
      await installation.pool.query("CHECKPOINT");
      const figures = await measureCrowd(
        installation,
        timesTheCapacity * peakPerSecond,
        partsOfCrowd * context.seconds,
      );
      return { ...figures, "baseline.decidedPerSecond": peakPerSecond };
    }),
};

/** Orders decided per second while there are always more to decide, and the workers have the machine for themselves. */
async function measurePeak(installation: Installation, seconds: number): Promise<number> {
  const events = await installation.createEvents([1], stockForAll);
  await placeOrders(installation, events, seconds * ordersPerSecondMax);
  await untilAllDecided(installation.db, decideMaxMs);
  return decidedPerSecondAtBest(installation.pool, events);
}

async function measureCrowd(installation: Installation, ratePerSecond: number, seconds: number): Promise<Figures> {
  const events = await installation.createEvents([0], stockForAll);
  const stopWatching = watchMemory(installation.processes);
  const outcome = await measureLoad(installation, events, {
    connections,
    generatorCount,
    ratePerSecond,
    seconds,
    request: purchasesOfOne(),
    refusals: ["503 queue-full", overloaded],
  });
  const samples = stopWatching();
  await checkNothingLost(installation, events, outcome);
  await checkSoundness(installation, events);
  if (outcome.orders?.confirmed !== outcome.accepted) {
    throw new UnsoundError(`${outcome.orders?.confirmed} of ${outcome.accepted} accepted orders were confirmed`);
  }
  const { firstSentAtMs } = outcome.report;
  const crowdMs = [firstSentAtMs, firstSentAtMs + seconds * 1_000] as const;
  const growth: Partial<Record<FigureName, number>> = {};
  for (const role of roles) {
    const ofRole = memoryGrowth(samples, role, crowdMs);
    if (ofRole !== undefined) growth[`memoryGrowth.${role}`] = ofRole;
  }
  return {
    ...outcome.figures,
    ...growth,
    // Without what is still pending when the crowd has ended.
    decidedPerSecond: await decidedPerSecondBetween(installation.pool, events, crowdMs),
    offeredShare: outcome.report.requests / (ratePerSecond * seconds),
    overloadedShare: (outcome.report.answers[overloaded] ?? 0) / outcome.report.requests,
  };
}
