// The result of a model run, as text.
import { inspect } from "node:util";
import { formatCount } from "../../bench/report/format.ts";
import type { ModelFailure } from "./failure.ts";
import type { ParsedOptions } from "./options.ts";
import type { ModelResult } from "./run-model.ts";

type Options = Pick<ParsedOptions, "backend" | "commandsMax">;

const nameWidth = 44;

export function printResult(options: Options, result: ModelResult): string {
  const { runs, steps, calls, orders, faults, tookMs, failure, seed } = result;
  const printFault = ([name, { count, hits }]: readonly [string, Readonly<{ count: number; hits: number }>]) =>
    `${name.padEnd(nameWidth)}${formatCount(count).padStart(9)}${formatCount(hits).padStart(8)}`;
  return [
    `${options.backend} queues, seed ${seed}, up to ${options.commandsMax} commands a run, ${Math.round(tookMs / 1_000)} s`,
    `${formatCount(runs)} runs without a difference: ${formatCount(steps)} steps, ${formatCount(calls)} calls about ` +
      `${formatCount(orders)} orders`,
    "",
    `${"fault".padEnd(nameWidth)}${"injected".padStart(9)}${"hits".padStart(8)}`,
    ...[...faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(printFault),
    "",
    failure === undefined ? "Every answer was as the model has it." : printFailure(options, seed, failure),
  ].join("\n");
}

function printFailure(
  { backend, commandsMax }: Options,
  seed: number,
  { steps, error, replay, shrinks }: ModelFailure,
) {
  const again = `--backend ${backend} --commands ${commandsMax} --seed ${seed} --path ${replay.path}`;
  return [
    `FAILED. The shortest sequence that fails, after ${shrinks} steps of shrinking:`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    "",
    error instanceof Error ? error.message : inspect(error),
    "",
    `Again: npm run model -- ${again} --replay ${replay.commands}${replay.hasFaults ? "" : " --without-faults"}`,
  ].join("\n");
}
