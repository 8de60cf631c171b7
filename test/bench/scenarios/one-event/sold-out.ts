import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness, UnsoundError } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import { onsaleNames, purchasesOfOne, type Scenario, usualConnections, warmUp } from "../scenario.ts";

/** The stock as a share of the requests that the warm-up lets expect. */
const stockShare = 0.05;

/** A sale that sells out early: the speed of the answers to the many buyers who get no ticket. */
export const soldOut: Scenario = {
  name: "sold-out",
  contestants: ["synchronous-pessimistic", ...onsaleNames],
  loadCount: 1,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      const perSecond = await warmUp(installation);
      const total = Math.max(1, Math.round(perSecond * seconds * stockShare));
      const events = await installation.createEvents([0], total);
      const spec = { connections: usualConnections, seconds, request: purchasesOfOne() };
      const outcome = await measureLoad(installation, events, spec);
      await checkNothingLost(installation, events, outcome);
      await checkSoundness(installation, events);
      const sold = outcome.orders?.confirmed ?? outcome.accepted;
      if (sold !== Math.min(total, outcome.report.requests)) {
        throw new UnsoundError(`${name} sold ${sold} of ${total} tickets to ${outcome.report.requests} buyers`);
      }
      return { ...outcome.figures, soldShare: sold / outcome.report.requests };
    }),
};
