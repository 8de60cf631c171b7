// One run: opens sales, runs the commands, and compares everything at the end.
import fc from "fast-check";
import type { Gateways } from "../load/client.ts";
import { untilSettled } from "../read-facts.ts";
import type { Stack } from "../stack/stack.ts";
import type { ModelCommand } from "./commands/command.ts";
import { RunError } from "./failure.ts";
import { finish } from "./finish.ts";
import { beginReal, type Real } from "./real.ts";
import { openSales, type SaleShape } from "./sales.ts";

export type Sequence = Readonly<{ shapes: readonly SaleShape[]; commands: Iterable<ModelCommand> }>;

type RunOptions = Readonly<{
  /** The codes of the run's events begin with it. */
  prefix: string;
  hasFaults: boolean;
  /** Called when it has ended, in whatever way. */
  onEnd: (real: Real, orderCount: number) => void;
}>;

/** After a failed run, which may have broken something for good. */
const settleWithinMs = 5_000;

/** @throws RunError */
export async function runOnce(
  stack: Stack,
  gateways: Gateways,
  { shapes, commands }: Sequence,
  { prefix, hasFaults, onEnd }: RunOptions,
): Promise<void> {
  const receivedBefore = stack.receiver.facts.length;
  const real = beginReal(stack, gateways, prefix);
  let orderCount = 0;
  try {
    const model = await openSales(real, shapes, hasFaults);
    await fc.asyncModelRun(() => ({ model, real }), commands);
    orderCount = model.orders.length;
    await finish(model, real, gateways, receivedBefore);
  } catch (error) {
    // A fault that is not healed would hit the next run, and a webhook that is not delivered would come in it.
    await real.untilHealed();
    await untilSettled(stack.db, settleWithinMs);
    throw new RunError(real.steps, error);
  } finally {
    onEnd(real, orderCount);
  }
}
