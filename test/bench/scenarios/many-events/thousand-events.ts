import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad, newKeySuffix } from "../../measure/measure-load.ts";
import {
  mean,
  measureOneEvent,
  onsaleNames,
  otherEventCount,
  type Scenario,
  stockForAll,
  usualConnections,
  warmUp,
} from "../scenario.ts";

/**
 * Purchases of 1,000 events evenly, because the speed must not depend on a hot event. One hot event is measured before
 * and after, in the same installation, because the machine's speed may change by more than the two differ.
 */
export const thousandEvents: Scenario = {
  name: "thousand-events",
  contestants: ["synchronous-pessimistic", ...onsaleNames],
  loadCount: 4,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const indexes = Array.from({ length: otherEventCount }, (_, index) => index + 1);
      const before = await measureOneEvent(installation, 0, seconds);
      const events = await installation.createEvents(indexes, stockForAll);
      const request = { kind: "purchase", hotTenths: 0, otherCount: otherEventCount } as const;
      const outcome = await measureLoad(installation, events, {
        connections: usualConnections,
        seconds,
        request: { ...request, keySuffix: newKeySuffix() },
      });
      await checkNothingLost(installation, events, outcome);
      await checkSoundness(installation, events);
      await installation.pool.query("CHECKPOINT");
      const after = await measureOneEvent(installation, otherEventCount + 1, seconds);
      return { ...outcome.figures, "baseline.decidedPerSecond": mean(before.figures, after.figures) };
    }),
};
