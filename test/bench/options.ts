import { parseArgs } from "node:util";
import { type ContestantName, contestantNames, type ScenarioName, scenarioNames } from "./names.ts";

export type Options = Readonly<{
  rounds: number;
  /** The length of each measured load. */
  seconds: number;
  /** Only these; undefined for all. */
  scenarios: readonly ScenarioName[] | undefined;
  contestants: readonly ContestantName[] | undefined;
  isQuick: boolean;
  /** The folder for the results instead of the usual ones. */
  output: string | undefined;
  isHelp: boolean;
}>;

/** An option is invalid; the message says what is allowed. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

const roundCountMax = 20;
const secondsMax = 60;

export const usage = `npm run bench -- [options]

  --rounds N       rounds; each has every run once (default 3, at most ${roundCountMax})
  --seconds N      length of each load (default 5, at most ${secondsMax})
  --only A,B,...   only these scenarios and contestants
  --quick          one round of 2 s runs, no search for the best pool sizes, and fewer old orders
  --output FOLDER  where the results go; a full run replaces bench/ and docs/benchmark/, others go to bench/partial/
  --help           this text

  scenarios:   ${scenarioNames.join(", ")}
  contestants: ${contestantNames.join(", ")}`;

/** @throws OptionError */
export function parseOptions(argv: readonly string[]): Options {
  const { rounds, seconds, only, quick = false, output, help = false } = parse(argv);
  const names = only?.split(",").map((name) => name.trim());
  const scenarios = scenarioNames.filter((name) => names?.includes(name));
  const contestants = contestantNames.filter((name) => names?.includes(name));
  const unknown = names?.find((name) => ![...scenarios, ...contestants].some((known) => known === name));
  if (unknown !== undefined) {
    const known = [...scenarioNames, ...contestantNames].join(", ");
    throw new OptionError(`--only does not know "${unknown}"; it knows ${known}`);
  }
  if (output === "") throw new OptionError("--output needs a folder");
  return {
    rounds: wholeNumber("--rounds", rounds, quick ? 1 : 3, roundCountMax),
    seconds: wholeNumber("--seconds", seconds, quick ? 2 : 5, secondsMax),
    scenarios: scenarios.length === 0 ? undefined : scenarios,
    contestants: contestants.length === 0 ? undefined : contestants,
    isQuick: quick,
    output,
    isHelp: help,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    const options = { rounds: text, seconds: text, only: text, quick: flag, output: text, help: flag };
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(name: string, text: string | undefined, otherwise: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw new OptionError(`${name} must be a whole number from 1 to ${max}, not "${text}"`);
}
