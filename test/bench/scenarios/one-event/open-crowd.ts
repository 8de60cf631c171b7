import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness, UnsoundError } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import { mean, measureOneEvent, purchasesOfOne, type Scenario, stockForAll, warmUp } from "../scenario.ts";

const timesTheCapacity = 10;
/** So many requests are without an answer at the most: a crowd that does not wait needs a connection for each. */
const connections = 4_000;
const generatorCount = 2;
/** The other loads of the scenario take one part each. */
const partsOfCrowd = 4;

/**
 * Buyers who come ten times as fast as plain purchases are decided, and do not wait for those before them. Plain
 * purchases are measured before and after.
 */
export const openCrowd: Scenario = {
  name: "open-crowd",
  contestants: ["onsale-postgres", "onsale-postgres-2x2"],
  loadCount: partsOfCrowd + 2,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const before = await measureOneEvent(installation, 1, seconds);
      const events = await installation.createEvents([0], stockForAll);
      const ratePerSecond = timesTheCapacity * (before.figures.decidedPerSecond ?? 0);
      const outcome = await measureLoad(installation, events, {
        connections,
        generatorCount,
        ratePerSecond,
        seconds: partsOfCrowd * seconds,
        request: purchasesOfOne(),
        refusals: [409, 503],
      });
      await checkNothingLost(installation, events, outcome);
      await checkSoundness(installation, events);
      if (outcome.orders?.confirmed !== outcome.accepted) {
        throw new UnsoundError(`${name} confirmed ${outcome.orders?.confirmed} of ${outcome.accepted} orders`);
      }
      await installation.pool.query("CHECKPOINT");
      const after = await measureOneEvent(installation, 2, seconds);
      return {
        ...outcome.figures,
        offeredShare: outcome.report.requests / (ratePerSecond * partsOfCrowd * seconds),
        "baseline.decidedPerSecond": mean(before.figures, after.figures),
      };
    }),
};
