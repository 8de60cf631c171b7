import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
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

/**
 * Purchases of one event, while as many of its earlier orders are cancelled, in random order: the lane decides the
 * purchases and puts the tickets that come back on sale. Purchases alone are measured before and after.
 */
export const cancelStorm: Scenario = {
  name: "cancel-storm",
  contestants: ["onsale-postgres", "onsale-postgres-2x2"],
  loadCount: 5,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const events = await installation.createEvents([0], stockForAll);
      const load = { connections: usualConnections, seconds };
      const before = await measureLoad(installation, events, { ...load, request: purchasesOfOne() });
      await checkNothingLost(installation, events, before);
      // No checkpoint here: after one, PostgreSQL would write the page of each order into the WAL as a whole.
      const { rows } = await installation.pool.query<{ id: string }>(
        "SELECT id FROM orders WHERE event_id = $1 ORDER BY md5(id::text)",
        [events[0]?.id],
      );
      const cancellations = { kind: "transition", action: "cancel", orderIds: rows.map(({ id }) => id) } as const;
      const figures = await measureTransitions(installation, events, seconds, purchasesOfOne(), cancellations);
      await installation.pool.query("CHECKPOINT");

      const after = await measureOneEvent(installation, 1, seconds);
      return { ...figures, "baseline.decidedPerSecond": mean(before.figures, after.figures) };
    }),
};
