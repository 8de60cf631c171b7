// What the runs of a model did, added up.
import type { Real } from "./real.ts";

/** `steps`, `calls` and `orders` are those of all runs, also of those that made a failure shorter. */
export type Tally = Readonly<{
  steps: number;
  calls: number;
  orders: number;
  /** Every fault that was injected: how often, and how many things it hit. */
  faults: ReadonlyMap<string, Readonly<{ count: number; hits: number }>>;
}>;

export const emptyTally: Tally = { steps: 0, calls: 0, orders: 0, faults: new Map() };

/** Adds a run that has ended. */
export function addRun(tally: Tally, { steps, history, hurts }: Real, orderCount: number): Tally {
  const faults = new Map(tally.faults);
  for (const { name, hits } of hurts) {
    const known = faults.get(name) ?? { count: 0, hits: 0 };
    faults.set(name, { count: known.count + 1, hits: known.hits + hits });
  }
  return {
    steps: tally.steps + steps.length,
    calls: tally.calls + history.calls.length,
    orders: tally.orders + orderCount,
    faults,
  };
}
