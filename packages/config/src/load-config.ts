/** One environment variable: how its text becomes a value, and what the documentation says of it. */
export type Setting<T> = Readonly<{
  variable: string;
  description: string;
  /** As the documentation shows it. */
  defaultText: string;
  /** @throws ConfigFault with what is wrong with the text; gets undefined when the variable is unset or empty */
  parse: (text: string | undefined) => T;
}>;

/** What is wrong with one value, as the end of a sentence that begins with the variable's name. */
export class ConfigFault extends Error {}

/** All that is wrong with the environment, one line per variable. */
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

/** Looks at values together: returns what is wrong, as a line that begins with a variable, or undefined. Bad ones are missing. */
export type Rule<S extends Settings> = (values: Partial<Config<S>>) => string | undefined;

/** The environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Turns the environment into one frozen object.
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
