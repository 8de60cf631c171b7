import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import { type BenchEvent, type Installation, withInstallation } from "../../measure/installation.ts";
import { costOf } from "../../measure/measure-load.ts";
import { readOrderFacts, untilAllDecided } from "../../measure/order-figures.ts";
import { placeOrders } from "../../measure/place-orders.ts";
import { otherEventCount, type Scenario, stockForAll, warmUp } from "../scenario.ts";

const ordersPerSecondMax = 12_000;
const decideMaxMs = 120_000;

/**
 * The speed of workers alone: all orders are recorded before the workers begin, so that no gateway takes CPU time. It
 * measures the gain from several workers or several Redis masters, which docs/scaling.md models.
 */
export const backlog: Scenario = {
  name: "backlog",
  contestants: [
    "onsale-postgres",
    "onsale-postgres-1x2",
    "onsale-postgres-1x4",
    "onsale-redis",
    "onsale-redis-cluster",
  ],
  loadCount: 2,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const indexes = Array.from({ length: otherEventCount }, (_, index) => index + 1);
      const events = await installation.createEvents(indexes, stockForAll);
      const sinceMs = Date.now() - 1;
      const { figures } = await costOf(installation, installation.processes, async () => {
        const count = await placeOrders(installation, events, seconds * ordersPerSecondMax);
        await untilAllDecided(installation.db, decideMaxMs);
        return count;
      });
      const { count } = await readOrderFacts(installation.pool, events, sinceMs);
      await checkSoundness(installation, events);
      return { ...figures, decided: count, decidedPerSecond: count / (await decidingSeconds(installation, events)) };
    }),
};

/** From the first decision to the last. */
async function decidingSeconds({ pool }: Installation, events: readonly BenchEvent[]): Promise<number> {
  const { rows } = await pool.query(
    `SELECT extract(epoch FROM max(decided_at) - min(decided_at))::float8 AS seconds
     FROM orders WHERE event_id = ANY($1)`,
    [events.map(({ id }) => id)],
  );
  return Number(rows[0].seconds);
}
