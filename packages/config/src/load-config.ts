// Reads settings from the environment, and names every one that is invalid.
/** One environment variable: how its text becomes a value, and how docs/configuration.md describes it. */
export type Setting<T> = Readonly<{
  variable: string;
  description: string;
  /** As the documentation shows it. */
  defaultText: string;
  /**
   * @param text undefined when the variable is unset or empty
   * @throws ConfigFault that says what is wrong with the text
   */
  parse: (text: string | undefined) => T;
}>;

/** A bad value; the message is the end of a sentence that begins with the variable's name. */
export class ConfigFault extends Error {}

/** A bad environment, with one fault per variable. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("; "));
    this.name = "ConfigError";
    this.faults = faults;
  }
}

type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of a set of settings. */
export type Config<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Checks several values together. Values that are bad by themselves are missing.
 *
 * @returns what is wrong, as a sentence that begins with a variable, or undefined
 */
export type Rule<S extends Settings> = (values: Partial<Config<S>>) => string | undefined;

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment into one frozen object.
 *
 * @throws ConfigError that names every variable with a bad value, not only the first
 */
export function loadConfig<S extends Settings>(
  settings: S,
  environment: Environment,
  rules: readonly Rule<S>[] = [],
): Config<S> {
  const faults: string[] = [];
  const entries = Object.entries(settings).map(([key, setting]) => {
    const text = environment[setting.variable];
    try {
      return [key, setting.parse(text === "" ? undefined : text)];
    } catch (error) {
      if (!(error instanceof ConfigFault)) throw error;
      faults.push(`${setting.variable} ${error.message}`);
      return [key, undefined];
    }
  });
  const config = Object.freeze(Object.fromEntries(entries)) as Config<S>;
  faults.push(...rules.flatMap((rule) => rule(config) ?? []));
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}
