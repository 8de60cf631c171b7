import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness, UnsoundError } from "../../measure/check-soundness.ts";
import { type BenchRules, withInstallation } from "../../measure/installation.ts";
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

const hourMs = 3_600_000;

/**
 * Purchases of an event with a limit per customer, for the event and for the ticket type, two pools, and a sale window.
 * Every purchase names its customer. A plain event, without customers, is measured before and after.
 */
export const ruledEvent: Scenario = {
  name: "ruled-event",
  contestants: ["onsale-postgres"],
  loadCount: 4,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      await warmUp(installation);
      const before = await measureOneEvent(installation, 1, seconds);
      const events = await installation.createEvents([0], stockForAll, rules());
      const request = { ...purchasesOfOne(), namesCustomers: true };
      const outcome = await measureLoad(installation, events, { connections: usualConnections, seconds, request });
      await checkNothingLost(installation, events, outcome);
      await checkSoundness(installation, events);
      if (outcome.orders?.confirmed !== outcome.accepted) {
        throw new UnsoundError(`${name} confirmed ${outcome.orders?.confirmed} of ${outcome.accepted} orders`);
      }
      await installation.pool.query("CHECKPOINT");
      const after = await measureOneEvent(installation, 2, seconds);
      return { ...outcome.figures, "baseline.decidedPerSecond": mean(before.figures, after.figures) };
    }),
};

function rules(): BenchRules {
  const pools = [
    { name: "HALL", total: stockForAll },
    { name: "FIRE", total: stockForAll },
  ];
  return {
    event: {
      salesStart: new Date(Date.now() - hourMs),
      salesEnd: new Date(Date.now() + hourMs),
      maxPerOrder: 8,
      maxPerCustomer: 4,
      pools,
    },
    ticketType: { maxPerCustomer: 2, pools: pools.map((pool) => pool.name) },
  };
}
