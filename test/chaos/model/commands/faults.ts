// Faults: processes killed and replaced, PostgreSQL stopped, Redis emptied. They are those of the chaos runs.
import fc from "fast-check";
import type { FaultKind } from "../../nemesis/fault.ts";
import { faultsFor } from "../../nemesis/nemesis.ts";
import type { Stack } from "../../stack/stack.ts";
import { command, type ModelCommand } from "./command.ts";

/** Those that are over within seconds, so that a run of the model is short. */
const names: readonly string[] = [
  "a gateway is killed",
  "a worker is killed",
  "a notifier is killed",
  "all processes are killed",
  "both gateways are restarted in turn",
  "both workers are restarted in turn",
  "PostgreSQL is stopped immediately",
  "PostgreSQL is killed",
  "sessions are ended by an administrator",
  "Redis is emptied",
  "Redis is killed and comes back empty",
];

/** The faults that a model run injects into a stack. */
export function modelFaults(stack: Stack): readonly FaultKind[] {
  return faultsFor(stack).filter(({ name }) => names.includes(name));
}

/** @param isAwaited whether what comes next waits until it is healed, or meets it */
const hurt = (kind: FaultKind, seed: number, isAwaited: boolean): ModelCommand =>
  command({
    name: kind.name,
    check: ({ hasFaults }) => hasFaults,
    run: async (_model, real) => {
      real.step(`${kind.name}${isAwaited ? "" : ", while the next steps are done"}`);
      await real.hurt(kind, seed, isAwaited);
    },
  });

export const faultCommand = (stack: Stack): fc.Arbitrary<ModelCommand> =>
  fc.tuple(fc.constantFrom(...modelFaults(stack)), fc.nat(1_000), fc.boolean()).map((drawn) => hurt(...drawn));
