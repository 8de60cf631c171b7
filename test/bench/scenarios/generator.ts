import { runHotEvent } from "./run-hot-event.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Whether the load generator is the bottleneck: how much one process gets from a server that does nothing at all, and
 * whether the ceiling is higher with two generator processes than with one (which the hot event's ceiling has).
 */
export const generator: Scenario = {
  name: "generator",
  contestants: ["echo", "ceiling"],
  loadCount: 1,
  run: (name, context) => runHotEvent(name, context, { generatorCount: name === "ceiling" ? 2 : 1 }),
};
