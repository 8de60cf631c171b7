import type { Figures } from "../names.ts";
import { runHotEvent } from "./run-hot-event.ts";
import type { Scenario } from "./scenario.ts";

/** As many times the usual length: see below. */
const lengthFactor = 3;

/**
 * The hot event in a system that has sold for years: indexes are deep, and do not fit the shared buffers. An empty system
 * is measured before and after: the machine's speed may change by more than the two differ.
 *
 * All three for longer than usual: a run begins with a checkpoint, and each index page that is touched for the first time
 * after one goes into the WAL whole. That is paid once in 15 minutes (docs/performance.md has what a run of 4 s makes,
 * which sees hardly anything else).
 */
export const oldOrders: Scenario = {
  name: "old-orders",
  contestants: ["onsale-postgres"],
  loadCount: 3 * lengthFactor + 1,
  run: async (name, context): Promise<Figures> => {
    const longer = { ...context, seconds: context.seconds * lengthFactor };
    const { decidedPerSecond: before = 0 } = await runHotEvent(name, longer);
    const figures = await runHotEvent(name, longer, { database: "old-orders" });
    const { decidedPerSecond: after = 0 } = await runHotEvent(name, longer);
    return { ...figures, "baseline.decidedPerSecond": (before + after) / 2 };
  },
};
