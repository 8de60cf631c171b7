import type { Scenario } from "../scenario.ts";
import { runHotEvent } from "./run-hot-event.ts";

/**
 * Shows whether the load generator is the bottleneck: the speed of one generator process against a server that does
 * nothing, and the ceiling with two generator processes, to compare with the hot event's ceiling, which has one.
 */
export const generator: Scenario = {
  name: "generator",
  contestants: ["echo", "ceiling"],
  loadCount: 1,
  run: (name, context) => runHotEvent(name, context, { generatorCount: name === "ceiling" ? 2 : 1 }),
};
