import type { ScenarioName } from "../../names.ts";
import type { Scenario } from "../scenario.ts";
import { runHotEvent } from "./run-hot-event.ts";

/** The hot event with fewer and with more simultaneous buyers. */
export const connections: readonly Scenario[] = [
  withConnections("connections-128", 128),
  withConnections("connections-512", 512),
  withConnections("connections-2000", 2_000),
];

function withConnections(name: ScenarioName, count: number): Scenario {
  return {
    name,
    contestants: ["ceiling", "synchronous-pessimistic", "onsale-postgres", "onsale-postgres-2x2"],
    loadCount: 1,
    run: (contestant, context) => runHotEvent(contestant, context, { connections: count }),
  };
}
