import { findHttpContestant } from "../contestants/http-contestants.ts";
import { checkSoundness } from "../measure/check-soundness.ts";
import { withInstallation } from "../measure/installation.ts";
import { checkNothingLost, measureLoad, newKeySuffix } from "../measure/measure-load.ts";
import { onsaleNames, otherEventCount, type Scenario, stockForAll, usualConnections, warmUp } from "./scenario.ts";

/** No event is hot: the system must not depend on one being it. */
export const thousandEvents: Scenario = {
  name: "thousand-events",
  contestants: ["synchronous-pessimistic", ...onsaleNames],
  loadCount: 2,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const indexes = Array.from({ length: otherEventCount }, (_, index) => index + 1);
      const events = await installation.createEvents(indexes, stockForAll);
      const request = {
        kind: "purchase",
        hotTenths: 0,
        otherCount: otherEventCount,
        keySuffix: newKeySuffix(),
      } as const;
      const outcome = await measureLoad(installation, events, { connections: usualConnections, seconds, request });
      await checkNothingLost(installation, events, outcome);
      await checkSoundness(installation, events);
      return outcome.figures;
    }),
};
