import type { Figures } from "../names.ts";
import { runHotEvent } from "./run-hot-event.ts";
import type { Scenario } from "./scenario.ts";

/**
 * The hot event in a system that has sold for years: indexes are deep, and do not fit the shared buffers. An empty system
 * is measured before and after: the machine's speed may change by more than the two differ.
 */
export const oldOrders: Scenario = {
  name: "old-orders",
  contestants: ["onsale-postgres"],
  loadCount: 4,
  run: async (name, context): Promise<Figures> => {
    const { decidedPerSecond: before = 0 } = await runHotEvent(name, context);
    const figures = await runHotEvent(name, context, { database: "old-orders" });
    const { decidedPerSecond: after = 0 } = await runHotEvent(name, context);
    return { ...figures, "baseline.decidedPerSecond": (before + after) / 2 };
  },
};
