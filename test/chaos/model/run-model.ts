// Draws sequences of commands, runs each against the model and the real installation, and shrinks the first failure.
import fc from "fast-check";
import { createGateways } from "../load/client.ts";
import { untilSettled } from "../read-facts.ts";
import type { Stack } from "../stack/stack.ts";
import { allCommands } from "./commands/all.ts";
import { finish } from "./finish.ts";
import { beginReal, type Real } from "./real.ts";
import { openSales, saleShapes } from "./sales.ts";

export type ModelOptions = Readonly<{
  runs: number;
  commandsMax: number;
  seed: number;
  /** Where a failure was found, to run only that again. */
  replay?: Replay | undefined;
  /** How often faults are drawn, where purchases have 24. */
  faultWeight?: number;
  /** How long a failure is shrunk. */
  shrinkMaxMs?: number;
  /** The codes of the events begin with it. */
  prefix?: string;
  /** Begins no further run. */
  stop?: AbortSignal;
  /** Called after each run, also while a failure is shrunk. */
  onRun?: (progress: ModelProgress) => void;
}>;

/** As fast-check names the place of a failure. */
export type Replay = Readonly<{ path: string; commands: string }>;

export type ModelProgress = Readonly<{ runs: number; steps: number; isShrinking: boolean }>;

/** What a failing run did, as short as it could be made. */
export type ModelFailure = Readonly<{ steps: readonly string[]; error: unknown; replay: Replay; shrinks: number }>;

export type ModelResult = Readonly<{
  seed: number;
  /** Runs without a failure. */
  runs: number;
  /** All of them, with those of runs that shrank a failure. */
  steps: number;
  calls: number;
  orders: number;
  /** Every fault that was injected: how often, and how many things it hit. */
  faults: ReadonlyMap<string, Readonly<{ count: number; hits: number }>>;
  tookMs: number;
  failure: ModelFailure | undefined;
}>;

const faultWeightUsual = 3;
/** After a failed run, which may have broken something for good. */
const settleWithinMs = 5_000;
const shrinkUsualMs = 5 * 60_000;

/** Carries what the run did beside its error. */
class RunError extends Error {
  override readonly name = "RunError";
  readonly steps: readonly string[];

  constructor(steps: readonly string[], cause: unknown) {
    super("a run of the model failed", { cause });
    this.steps = steps;
  }
}

export async function runModel(stack: Stack, options: ModelOptions): Promise<ModelResult> {
  const { runs, commandsMax, seed, replay, prefix = "MODEL", onRun = () => undefined } = options;
  const { faultWeight = faultWeightUsual, shrinkMaxMs = shrinkUsualMs } = options;
  const gateways = createGateways(stack.gatewayUrls);
  const tally = { runs: 0, steps: 0, calls: 0, orders: 0 };
  const faults = new Map<string, { count: number; hits: number }>();
  const beganMs = performance.now();
  let failedAtMs: number | undefined;
  let runNumber = 0;

  function count({ steps, history, hurts }: Real, orders: number): void {
    tally.steps += steps.length;
    tally.calls += history.calls.length;
    tally.orders += orders;
    for (const { name, hits } of hurts) {
      const known = faults.get(name) ?? { count: 0, hits: 0 };
      faults.set(name, { count: known.count + 1, hits: known.hits + hits });
    }
    if (failedAtMs === undefined) tally.runs++;
    onRun({ runs: tally.runs, steps: tally.steps, isShrinking: failedAtMs !== undefined });
  }

  const property = fc.asyncProperty(
    saleShapes,
    fc.commands([allCommands(stack, faultWeight)], {
      maxCommands: commandsMax,
      size: "max",
      ...(replay === undefined ? {} : { replayPath: replay.commands }),
    }),
    async (shapes, commands) => {
      if (options.stop?.aborted === true) return;
      // Whatever is left to try counts as sound, so that the shortest failure so far is reported.
      if (failedAtMs !== undefined && performance.now() - failedAtMs > shrinkMaxMs) return;
      const receivedBefore = stack.receiver.facts.length;
      const real = beginReal(stack, gateways, `${prefix}-${++runNumber}`);
      let orderCount = 0;
      try {
        const model = await openSales(real, shapes);
        await fc.asyncModelRun(() => ({ model, real }), commands);
        orderCount = model.orders.length;
        await finish(model, real, gateways, receivedBefore);
      } catch (error) {
        failedAtMs ??= performance.now();
        // A fault that is not healed would hit the next run, and a webhook that is not delivered would come in it.
        await real.untilHealed();
        await untilSettled(stack.db, settleWithinMs);
        throw new RunError(real.steps, error);
      } finally {
        count(real, orderCount);
      }
    },
  );
  const place = replay === undefined ? { numRuns: runs } : { path: replay.path, endOnFailure: true };
  const details = await fc.check(property, { seed, ...place });
  return {
    seed,
    ...tally,
    faults,
    tookMs: performance.now() - beganMs,
    failure: details.failed ? failureOf(details) : undefined,
  };
}

type Failed = Pick<fc.RunDetailsCommon<unknown>, "counterexamplePath" | "errorInstance" | "numShrinks"> &
  Readonly<{ counterexample: readonly unknown[] | null }>;

function failureOf({ counterexample, counterexamplePath, errorInstance, numShrinks }: Failed): ModelFailure {
  const isRun = errorInstance instanceof RunError;
  const commands = /replayPath="([^"]*)"/.exec(String(counterexample?.at(-1)))?.[1] ?? "";
  return {
    steps: isRun ? errorInstance.steps : [],
    error: isRun ? errorInstance.cause : errorInstance,
    replay: { path: counterexamplePath ?? "", commands },
    shrinks: numShrinks,
  };
}
