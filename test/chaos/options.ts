// The arguments of `npm run chaos`.
import { parseArgs } from "node:util";
import type { BackendName } from "./stack/stack.ts";

/** An argument is wrong; the message says what to change. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

export type ParsedOptions = Readonly<{
  isHelp: boolean;
  backend: BackendName;
  seconds: number;
  seed: number;
  /** Undefined to measure it. */
  rate: number | undefined;
  pauseSeconds: number;
  leaverShare: number;
  folder: string;
}>;

const defaults = { minutes: 2, pauseSeconds: 4, leaverShare: 0, folder: ".chaos" } as const;
const minutesMax = 24 * 60;
const rateMax = 5_000;
const pauseMax = 600;

export const usage = `npm run chaos [-- options]

Starts PostgreSQL, Redis, two gateways, two workers and two notifiers of its own, sells tickets through them while they
and their stores fail, and checks afterwards that nothing was lost. It touches nothing else on this machine.

  --minutes N       how long faults are injected (${defaults.minutes}; parts such as 0.5 too)
  --seed S          with the same other options, --rate among them, draws the same faults and buyers again (a new one
                    each time)
  --backend B       where the queues are: postgres or redis (postgres)
  --rate R          buyers a second (60 % of what the installation serves while nothing fails, measured first)
  --leavers L       the part of the buyers who only buy, and never ask what became of it (${defaults.leaverShare}); more
                    orders fit into a run when not everybody does all that buyers do
  --pause N         seconds from a fault to the next one of its group, on average (${defaults.pauseSeconds}); kills come four
                    times as often
  --out FOLDER      where the report goes (${defaults.folder})
  --help            shows this`;

/** @throws OptionError */
export function parseOptions(parts: readonly string[], drawSeed: () => number): ParsedOptions {
  const values = parse(parts);
  return {
    isHelp: values.help === true,
    backend: readBackend(values.backend),
    seconds: 60 * numberBetween("--minutes", values.minutes, defaults.minutes, 0.1, minutesMax),
    seed: readSeed(values.seed, drawSeed),
    rate: values.rate === undefined ? undefined : numberBetween("--rate", values.rate, 0, 1, rateMax),
    pauseSeconds: numberBetween("--pause", values.pause, defaults.pauseSeconds, 0.1, pauseMax),
    leaverShare: numberBetween("--leavers", values.leavers, defaults.leaverShare, 0, 1),
    folder: readFolder(values.out),
  };
}

function parse(parts: readonly string[]) {
  return readArguments(() =>
    parseArgs({
      args: [...parts],
      options: {
        minutes: text,
        seed: text,
        backend: text,
        rate: text,
        pause: text,
        leavers: text,
        out: text,
        help: flag,
      },
    }),
  ).values;
}

/** An option with a value, and one without. */
export const text = { type: "string" } as const;
export const flag = { type: "boolean" } as const;

/** @throws OptionError in place of the error of `parseArgs` */
export function readArguments<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

/** @throws OptionError */
export function readBackend(backend = "postgres"): BackendName {
  if (backend === "postgres" || backend === "redis") return backend;
  throw new OptionError(`--backend must be postgres or redis, not "${backend}"`);
}

/** @throws OptionError */
export function readFolder(folder: string = defaults.folder): string {
  if (folder === "") throw new OptionError("--out must be the name of a folder");
  return folder;
}

/** @throws OptionError */
export function readSeed(seed: string | undefined, drawSeed: () => number): number {
  return Math.floor(numberBetween("--seed", seed, drawSeed(), 0, 2 ** 32));
}

/** @throws OptionError */
export function numberBetween(
  name: string,
  text: string | undefined,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,10}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new OptionError(`${name} must be a number from ${min} to ${max}, not "${text}"`);
}
