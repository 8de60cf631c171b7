import { basePath } from "@onsale/contracts/values";
import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { withInstallation } from "../../measure/installation.ts";
import { measureLoad } from "../../measure/measure-load.ts";
import { purchasesOfOne, type Scenario, stockForAll, usualConnections, warmUp } from "../scenario.ts";

const orderSeconds = 1;
const polledCount = 1_000;

/** Buyers who poll their orders. */
export const polls: Scenario = {
  name: "polls",
  contestants: ["onsale-postgres", "onsale-postgres-2x2"],
  loadCount: 1,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const events = await installation.createEvents([0], stockForAll);
      const connections = usualConnections;
      await measureLoad(installation, events, { connections, seconds: orderSeconds, request: purchasesOfOne() });
      const { rows } = await installation.pool.query<{ id: string }>(
        "SELECT id FROM orders WHERE event_id = $1 ORDER BY md5(id::text) LIMIT $2",
        [events[0]?.id, polledCount],
      );
      const paths = rows.map(({ id }) => `${basePath}/orders/${id}`);
      const outcome = await measureLoad(installation, events, {
        connections,
        seconds,
        request: { kind: "get", paths },
      });
      return { ...outcome.figures, answersPerSecond: outcome.figures.acceptedPerSecond ?? 0 };
    }),
};
