// The kinds of settings: numbers, choices, texts and lists, each with its parser.
import { ConfigFault, type Setting } from "./load-config.ts";

/** A whole number within bounds, both included. */
export function integer(
  variable: string,
  bounds: { min: number; max: number; default: number },
  description: string,
): Setting<number> {
  const parse = (text: string | undefined) => {
    if (text === undefined) return bounds.default;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= bounds.min && value <= bounds.max) return value;
    throw new ConfigFault(`must be a whole number from ${bounds.min} to ${bounds.max}, not "${text}"`);
  };
  return { variable, description, defaultText: String(bounds.default), parse };
}

/** A whole number within bounds, or undefined when the variable is not set. */
export function optionalInteger(
  variable: string,
  bounds: { min: number; max: number },
  description: string,
): Setting<number | undefined> {
  const required = integer(variable, { ...bounds, default: bounds.min }, description);
  const parse = (text: string | undefined) => (text === undefined ? undefined : required.parse(text));
  return { variable, description, defaultText: "none", parse };
}

/** One of a few words. */
export function choice<const T extends string>(
  variable: string,
  choices: readonly T[],
  fallback: T,
  description: string,
): Setting<T> {
  const parse = (text: string | undefined) => {
    const found = choices.find((candidate) => candidate === (text ?? fallback));
    if (found !== undefined) return found;
    throw new ConfigFault(`must be ${choices.map((candidate) => `"${candidate}"`).join(" or ")}, not "${text}"`);
  };
  return { variable, description, defaultText: fallback, parse };
}

/** Any text. */
export function text(variable: string, fallback: string, description: string): Setting<string> {
  return { variable, description, defaultText: fallback, parse: (value) => value ?? fallback };
}

const keyBytes = 32;

/** A key of 32 bytes, as base64 or hexadecimal; a message never shows its value. */
export function secretKey(variable: string, description: string): Setting<Buffer | undefined> {
  const parse = (value: string | undefined) => {
    if (value === undefined) return undefined;
    const isHex = /^[0-9a-f]+$/i.test(value) && value.length === 2 * keyBytes;
    const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(value);
    if (isHex || isBase64) return Buffer.from(value, isHex ? "hex" : "base64");
    throw new ConfigFault("must be 32 bytes as base64 or hexadecimal, such as from `openssl rand -base64 32`");
  };
  return { variable, description, defaultText: "none", parse };
}

/** One URL with one of some schemes; a message never shows its value, which may have a password. */
export function url(variable: string, schemes: readonly string[], description: string): Setting<string | undefined> {
  const parse = (value: string | undefined) => {
    if (value !== undefined && !isUrl(value, schemes)) throw new ConfigFault(`must be ${describeSchemes(schemes)}`);
    return value;
  };
  return { variable, description, defaultText: "none", parse };
}

/** One URL, or several with commas between. A comma inside a password does not separate. */
export function urls(
  variable: string,
  schemes: readonly string[],
  description: string,
): Setting<readonly string[] | undefined> {
  const separator = new RegExp(`\\s*,\\s*(?=(?:${schemes.join("|")})//)`);
  const parse = (value: string | undefined) => {
    const parts = value?.trim().split(separator);
    if (parts?.every((part) => isUrl(part, schemes)) === false) {
      throw new ConfigFault(`must be ${describeSchemes(schemes)}, or several of them with commas between`);
    }
    return parts;
  };
  return { variable, description, defaultText: "none", parse };
}

const hostPattern = /^(\[[0-9a-f:.]+\]|[\w.-]+)?$/i;

function isUrl(value: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(value) || !schemes.some((scheme) => value.startsWith(`${scheme}//`))) return false;
  if (!isDecodable(value)) return false;
  // The URL parser accepts any host for schemes such as redis:, even a list of hosts.
  return hostPattern.test(new URL(value).hostname);
}

function isDecodable(value: string): boolean {
  try {
    decodeURIComponent(value);
    return true;
  } catch {
    return false;
  }
}

function describeSchemes(schemes: readonly string[]): string {
  return `a URL such as ${schemes.map((scheme) => `${scheme}//host`).join(" or ")}`;
}
