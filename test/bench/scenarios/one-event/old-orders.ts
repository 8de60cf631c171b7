import type { Figures } from "../../names.ts";
import type { Scenario } from "../scenario.ts";
import { runHotEvent } from "./run-hot-event.ts";

/** Runs are this many times as long as usual: see below. */
const lengthFactor = 3;

/**
 * The hot event in a system that has sold for years: indexes are deep, and larger than the shared buffers. An empty
 * system is measured before and after, because the machine's speed may change by more than the two differ.
 *
 * All three runs are longer than usual: a run begins with a checkpoint, and PostgreSQL writes each index page whole
 * into the WAL at its first change after one. In operation that happens once in 15 minutes, but it dominates a run of 4
 * s (docs/performance.md has the figures).
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
