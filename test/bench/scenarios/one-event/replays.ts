import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness, UnsoundError } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import { countOrders } from "../../measure/order-figures.ts";
import { purchasesOfOne, type Scenario, stockForAll, usualConnections, warmUp } from "../scenario.ts";

const firstSeconds = 2;

/** Clients that retry: the key of every request has an order already. */
export const replays: Scenario = {
  name: "replays",
  contestants: ["synchronous-pessimistic", "onsale-postgres"],
  loadCount: 2,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const events = await installation.createEvents([0], stockForAll);
      const request = purchasesOfOne();
      const connections = usualConnections;
      const first = await measureLoad(installation, events, { connections, seconds: firstSeconds, request });
      await checkNothingLost(installation, events, first);
      const again = { ...request, keyCount: first.accepted };
      const outcome = await measureLoad(installation, events, { connections, seconds, request: again });
      const stored = await countOrders(installation.pool, events);
      if (stored !== first.accepted) throw new UnsoundError(`${name} has ${stored} orders of ${first.accepted} keys`);
      await checkSoundness(installation, events);
      return { ...outcome.figures, answersPerSecond: outcome.figures.acceptedPerSecond ?? 0 };
    }),
};
