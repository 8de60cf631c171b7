import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import { purchasesOfOne, type Scenario, stockForAll, warmUp } from "../scenario.ts";

const waitSeconds = 10;

/** One buyer after the other, each waiting for the decision: the latency of an idle system. */
export const idle: Scenario = {
  name: "idle",
  contestants: ["synchronous-pessimistic", "onsale-postgres", "onsale-redis"],
  loadCount: 1,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const events = await installation.createEvents([0], stockForAll);
      const request = { ...purchasesOfOne(), waitSeconds };
      const outcome = await measureLoad(installation, events, { connections: 1, seconds, request });
      await checkNothingLost(installation, events, outcome);
      await checkSoundness(installation, events);
      return outcome.figures;
    }),
};
