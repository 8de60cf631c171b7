import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import { transitionFigures } from "../../measure/transition-figures.ts";
import {
  mean,
  measureOneEvent,
  purchasesOfOne,
  type Scenario,
  stockForAll,
  usualConnections,
  warmUp,
} from "../scenario.ts";
import { measureTransitions } from "./measure-transitions.ts";

const heldIndex = 1;

/**
 * Orders that are held, while as many that were held before are confirmed: each order takes two requests, a decision
 * and a transition. Plain purchases are measured before and after, in the same installation.
 */
export const holdConfirm: Scenario = {
  name: "hold-confirm",
  contestants: ["onsale-postgres", "onsale-postgres-2x2"],
  loadCount: 5,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const before = await measureOneEvent(installation, 0, seconds);

      const events = await installation.createEvents([heldIndex], stockForAll);
      const load = { connections: usualConnections, seconds };
      const held = await measureLoad(installation, events, { ...load, request: holds() });
      await checkNothingLost(installation, events, held);
      // No checkpoint here: after one, PostgreSQL would write the page of each order into the WAL as a whole.
      const { rows } = await installation.pool.query<{ id: string }>(
        "SELECT id FROM orders WHERE event_id = $1 ORDER BY seq",
        [events[0]?.id],
      );
      const confirmations = { kind: "transition", action: "confirm", orderIds: rows.map(({ id }) => id) } as const;
      const figures = await measureTransitions(installation, events, seconds, holds(), confirmations);
      await installation.pool.query("CHECKPOINT");

      const after = await measureOneEvent(installation, heldIndex + 1, seconds);
      return {
        ...figures,
        ...transitionFigures("hold", held.figures),
        "baseline.decidedPerSecond": mean(before.figures, after.figures),
      };
    }),
};

/** With new keys. */
function holds() {
  return { ...purchasesOfOne(heldIndex), hold: true };
}
