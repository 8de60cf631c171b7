import { runHotEvent } from "./run-hot-event.ts";
import type { Scenario } from "./scenario.ts";

/** The hot event in a system that has sold for years: indexes are deep, and do not fit the shared buffers. */
export const oldOrders: Scenario = {
  name: "old-orders",
  contestants: ["onsale-postgres"],
  loadCount: 2,
  run: (name, context) => runHotEvent(name, context, { database: "old-orders" }),
};
