import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

export type Options = Readonly<{
  /** Where the gateway is, without a slash at the end. */
  url: string;
  apiKey: string | undefined;
  buyers: number;
  /** The time over which buyers start. */
  seconds: number;
  /** The same seed makes the same crowd. */
  seed: number;
  /** Undefined for the big on-sale. */
  scenario: ScenarioName | undefined;
  isHelp: boolean;
}>;

export const scenarioNames = ["fanclub", "family", "waitlist"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** An option is invalid; the message says what is allowed. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

const buyerCountMax = 200_000;
/** Of a scenario, whose orders are all kept in memory for the checks. */
const scenarioBuyerCountMax = 20_000;
const secondsMax = 3_600;
const seedMax = 2 ** 31 - 1;
/** A denser crowd would measure this program instead, and could be mistaken for an attack. */
const buyersPerSecondMax = 5_000;

export const usage = `npm run demo -- [options]

Plays an on-sale against the running system: buyers click twice, lose connections, poll and stream, hold tickets, pay,
pay late and give up, until tickets are sold out. At the end it compares every answer that a buyer got with the database. The exit code is 1 when something is
wrong or could not be checked. Ctrl-C ends the sale and starts the checks; a second Ctrl-C ends the checks.

  --scenario NAME       another sale, with rules; at most ${scenarioBuyerCountMax} buyers (default 2000):
                        fanclub   presale with access codes, then the sale opens for all; at most 4 tickets a customer
                        family    baskets of adults, children and babies, who share the hall and the fire limit
                        waitlist  sold out at once; what comes back is offered to those who wait, first come first
  --buyers N            number of buyers (default 20000, at most ${buyerCountMax})
  --seconds N           time over which they start (default 60, at most ${secondsMax})
  --seed N              decides what the buyers do; it is printed, and the same seed gives the same crowd
  --i-own-this-server   needed for a system that is not on this machine
  --help                this text

ONSALE_URL is the address of the system; by default it is that of the npm start that runs on DATA_DIR (default .data),
else http://127.0.0.1:8080. ONSALE_API_KEY is the key to call it with, if
it requires one: the key needs the scope admin, for the audit.`;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param foundUrl where the system is, unless ONSALE_URL says it
 * @throws OptionError
 */
export function parseOptions(argv: readonly string[], environment: Environment, foundUrl: string): Options {
  const values = parse(argv);
  const url = parseUrl(environment.ONSALE_URL || foundUrl, values["i-own-this-server"] ?? false);
  const scenario = parseScenario(values.scenario);
  const [usual, most] = scenario === undefined ? [20_000, buyerCountMax] : [2_000, scenarioBuyerCountMax];
  const buyers = wholeNumber("--buyers", values.buyers, usual, 1, most);
  const seconds = wholeNumber("--seconds", values.seconds, 60, 1, secondsMax);
  if (buyers / seconds > buyersPerSecondMax) {
    const needed = Math.ceil(buyers / buyersPerSecondMax);
    throw new OptionError(`${buyers} buyers need --seconds ${needed} or more`);
  }
  return {
    url,
    apiKey: parseKey(environment.ONSALE_API_KEY),
    buyers,
    seconds,
    seed: wholeNumber("--seed", values.seed, randomInt(1_000_000), 0, seedMax),
    scenario,
    isHelp: values.help ?? false,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    scenario: text,
    buyers: text,
    seconds: text,
    seed: text,
    "i-own-this-server": flag,
    help: flag,
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseScenario(text: string | undefined): ScenarioName | undefined {
  const scenario = scenarioNames.find((name) => name === text);
  if (scenario !== undefined || text === undefined) return scenario;
  throw new OptionError(`--scenario must be one of ${scenarioNames.join(", ")}, not "${text}"`);
}

function parseUrl(text: string, isOwned: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.search !== "") {
    throw new OptionError("ONSALE_URL must be a URL such as http://127.0.0.1:8080, without user and password");
  }
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (!isLoopback && !isOwned) {
    throw new OptionError(`${url.host} is not this machine; a crowd is sent there only with --i-own-this-server`);
  }
  return text.replace(/\/+$/, "");
}

function parseKey(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^[\x21-\x7e]{1,512}$/.test(text)) return text;
  throw new OptionError("ONSALE_API_KEY must be a key as it was shown when it was created");
}

function wholeNumber(name: string, text: string | undefined, otherwise: number, min: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new OptionError(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
}
