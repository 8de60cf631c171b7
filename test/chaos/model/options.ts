// The arguments of `npm run model`.
import { parseArgs } from "node:util";
import {
  flag,
  numberBetween,
  OptionError,
  readArguments,
  readBackend,
  readFolder,
  readSeed,
  text,
} from "../options.ts";
import type { BackendName } from "../stack/stack.ts";
import type { Replay } from "./failure.ts";

export type ParsedOptions = Readonly<{
  isHelp: boolean;
  backend: BackendName;
  runs: number;
  commandsMax: number;
  seed: number;
  hasFaults: boolean;
  replay: Replay | undefined;
  folder: string;
}>;

const defaults = { runs: 300, commands: 50 } as const;
const runsMax = 100_000;
const commandsMaxMax = 1_000;

export const usage = `npm run model [-- options]

Starts PostgreSQL, Redis, two gateways, two workers and two notifiers of its own, and sends them random sequences of
requests, with faults between. Every answer is compared with a model that knows only what the documentation says. The
first sequence that differs is made as short as possible. It touches nothing else on this machine.

  --runs N          sequences (${defaults.runs})
  --commands N      the longest one (${defaults.commands})
  --seed S          draws the same sequences again (a new one each time)
  --backend B       where the queues are: postgres or redis (postgres)
  --without-faults  leaves the faults of the sequences out
  --path P          with --replay R, --commands, --backend and --seed: runs only the sequence that a failure has named
  --out FOLDER      where the services' logs go (.chaos)
  --help            shows this`;

/** @throws OptionError */
export function parseModelOptions(parts: readonly string[], drawSeed: () => number): ParsedOptions {
  const drawing = { runs: text, commands: text, seed: text, backend: text, "without-faults": flag };
  const options = { ...drawing, path: text, replay: text, out: text, help: flag };
  const { values } = readArguments(() => parseArgs({ args: [...parts], options }));
  const hasFaults = values["without-faults"] !== true;
  return {
    isHelp: values.help === true,
    backend: readBackend(values.backend),
    runs: wholeNumber("--runs", values.runs, defaults.runs, runsMax),
    commandsMax: wholeNumber("--commands", values.commands, defaults.commands, commandsMaxMax),
    seed: readSeed(values.seed, drawSeed),
    hasFaults,
    replay: readReplay(values.path, values.replay, hasFaults),
    folder: readFolder(values.out),
  };
}

function wholeNumber(name: string, given: string | undefined, otherwise: number, max: number): number {
  return Math.floor(numberBetween(name, given, otherwise, 1, max));
}

function readReplay(path: string | undefined, commands: string | undefined, hasFaults: boolean): Replay | undefined {
  if (path === undefined && commands === undefined) return undefined;
  if (path === undefined || commands === undefined) throw new OptionError("--path and --replay belong together");
  if (!/^\d+(:\d+)*$/.test(path)) throw new OptionError(`--path must be as a failure names it, not "${path}"`);
  if (!/^[\w+/=]+:[\w+/=]+$/.test(commands)) {
    throw new OptionError(`--replay must be as a failure names it, not "${commands}"`);
  }
  return { path, commands, hasFaults };
}
