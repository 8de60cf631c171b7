// A run that failed, with what it did.
import type fc from "fast-check";

/** As fast-check names the place of a failure, and whether it needs faults. */
export type Replay = Readonly<{ path: string; commands: string; hasFaults: boolean }>;

/** What a failing run did, as short as it could be made. */
export type ModelFailure = Readonly<{ steps: readonly string[]; error: unknown; replay: Replay; shrinks: number }>;

/** Carries what the run did beside its error. */
export class RunError extends Error {
  override readonly name = "RunError";
  readonly steps: readonly string[];

  constructor(steps: readonly string[], cause: unknown) {
    super("a run of the model failed", { cause });
    this.steps = steps;
  }
}

type Failed = Pick<fc.RunDetailsCommon<unknown>, "counterexamplePath" | "errorInstance" | "numShrinks"> &
  Readonly<{ counterexample: readonly unknown[] | null }>;

/** @param hasFaults whether faults were injected while it was shrunk */
export function failureOf(details: Failed, hasFaults: boolean): ModelFailure {
  const { counterexample, counterexamplePath, errorInstance, numShrinks } = details;
  const isRun = errorInstance instanceof RunError;
  // Only the text of the commands has it.
  const commands = /replayPath="([^"]*)"/.exec(String(counterexample?.at(-1)))?.[1] ?? "";
  return {
    steps: isRun ? errorInstance.steps : [],
    error: isRun ? errorInstance.cause : errorInstance,
    replay: { path: counterexamplePath ?? "", commands, hasFaults },
    shrinks: numShrinks,
  };
}
