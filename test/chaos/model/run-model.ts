// Draws sequences of commands, runs each against the model and the real installation, and shrinks the first failure.
import fc from "fast-check";
import { createGateways } from "../load/client.ts";
import type { Stack } from "../stack/stack.ts";
import { allCommands } from "./commands/all.ts";
import { failureOf, type ModelFailure, type Replay } from "./failure.ts";
import type { Real } from "./real.ts";
import { runOnce, type Sequence } from "./run-once.ts";
import { saleShapes } from "./sales.ts";
import { addRun, emptyTally, type Tally } from "./tally.ts";

export type ModelOptions = Readonly<{
  runs: number;
  commandsMax: number;
  seed: number;
  /** Where a failure was found, to run only that again. */
  replay?: Replay | undefined;
  /** Whether faults are injected; without, the same sequences are drawn and their faults are left out. */
  hasFaults?: boolean;
  /** How long a failure is shrunk. */
  shrinkMaxMs?: number;
  /** The codes of the events begin with it. */
  prefix?: string;
  /** Begins no further run. */
  stop?: AbortSignal;
  /** Called after each run, also while a failure is shrunk. */
  onRun?: (progress: ModelProgress) => void;
}>;

export type ModelProgress = Readonly<{ runs: number; steps: number; isShrinking: boolean }>;

export type ModelResult = Tally &
  Readonly<{
    seed: number;
    /** Runs until the first failure. */
    runs: number;
    tookMs: number;
    failure: ModelFailure | undefined;
  }>;

const shrinkUsualMs = 5 * 60_000;

/** @returns what was run, with the shortest failure */
export async function runModel(stack: Stack, options: ModelOptions): Promise<ModelResult> {
  const { runs, commandsMax, seed, replay, prefix = "MODEL", shrinkMaxMs = shrinkUsualMs, onRun } = options;
  const gateways = createGateways(stack.gatewayUrls);
  const beganMs = performance.now();
  let hasFaults = replay?.hasFaults ?? options.hasFaults ?? true;
  let failedAtMs: number | undefined;
  let tally = emptyTally;
  let runCount = 0;
  let soundCount = 0;

  const onEnd = (real: Real, orderCount: number) => {
    tally = addRun(tally, real, orderCount);
  };
  const run = (sequence: Sequence) =>
    runOnce(stack, gateways, sequence, { prefix: `${prefix}-${++runCount}`, hasFaults, onEnd });

  /** Faults take most of the time of a run, so a failure that does not need them is shrunk without. */
  async function noteFailure(sequence: Sequence): Promise<void> {
    failedAtMs = performance.now();
    if (!hasFaults || replay !== undefined) return;
    hasFaults = false;
    hasFaults = await run(sequence).then(
      () => true,
      () => false,
    );
  }

  /** What is left to try then counts as sound, so that the shortest failure so far is reported. */
  const isOver = () =>
    options.stop?.aborted === true || (failedAtMs !== undefined && performance.now() - failedAtMs > shrinkMaxMs);

  const drawn = fc.commands([allCommands(stack)], {
    maxCommands: commandsMax,
    size: "max",
    ...(replay === undefined ? {} : { replayPath: replay.commands }),
  });
  const property = fc.asyncProperty(saleShapes, drawn, async (shapes, commands) => {
    if (isOver()) return;
    const sequence = { shapes, commands };
    try {
      await run(sequence);
      if (failedAtMs === undefined) soundCount++;
    } catch (error) {
      if (failedAtMs === undefined) await noteFailure(sequence);
      throw error;
    }
    onRun?.({ runs: soundCount, steps: tally.steps, isShrinking: failedAtMs !== undefined });
  });
  const place = replay === undefined ? { numRuns: runs } : { path: replay.path, endOnFailure: true };
  const details = await fc.check(property, { seed, ...place });
  const failure = details.failed ? failureOf(details, hasFaults) : undefined;
  return { ...tally, seed, runs: soundCount, tookMs: performance.now() - beganMs, failure };
}
