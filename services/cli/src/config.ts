import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text, url } from "@onsale/config/kinds";
import { ConfigFault, type Environment, loadConfig, type Setting } from "@onsale/config/load-config";
import { optionalDatabaseUrl, partitions, redisUrls } from "@onsale/config/settings";

const gatewayUrl = url("ONSALE_URL", ["http:", "https:"], "");

/** Where the gateway is, without a slash at the end. */
export const onsaleUrl: Setting<string> = {
  ...gatewayUrl,
  description: "Where a gateway is, for commands that call the API.",
  defaultText: "http://127.0.0.1:8080",
  parse: (value = "http://127.0.0.1:8080") => {
    gatewayUrl.parse(value);
    const { username, password, search, hash } = new URL(value);
    const isPlain = username === "" && password === "" && search === "" && hash === "";
    if (!isPlain) throw new ConfigFault("must be a URL without user, password, ? and #, such as http://127.0.0.1:8080");
    return value.replace(/\/+$/, "");
  },
};

/** The caller's key; its value never appears in a message. */
export const apiKey: Setting<string | undefined> = {
  variable: "ONSALE_API_KEY",
  description: "An API key, sent as `Authorization: Bearer`; needed where `AUTH` is `keys`.",
  defaultText: "none",
  parse: (value) => {
    if (value === undefined || /^[\x21-\x7e]{1,512}$/.test(value)) return value;
    throw new ConfigFault("must be a key as it was shown when it was created, without spaces");
  },
};

/** What the command line reads from its environment. */
export const cliSettings = {
  onsaleUrl,
  apiKey,
  databaseUrl: {
    ...optionalDatabaseUrl,
    description: "The database, for `keys`, `accounts` and `doctor`.",
    defaultText: "of the `npm start` that runs on `DATA_DIR`",
  },
  dataDir: text("DATA_DIR", ".data", "Folder of a running `npm start`, whose database is used without `DATABASE_URL`."),
  redisUrls: { ...redisUrls, description: "The Redis that `doctor` looks at." },
  partitions: { ...partitions, description: "Queues of the installation, which `doctor` counts connections for." },
};

export type CliConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError with everything that is wrong */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(cliSettings, environment);
}

/** The environment as it is, for `doctor`, which looks at the settings of every service. */
export function wholeEnvironment(): Environment {
  return process.env;
}

/** The database's URL: as it is set, or that of an `npm start` that runs, or was killed. Undefined when there is neither. */
export function findDatabaseUrl({ databaseUrl, dataDir }: CliConfig): string | undefined {
  if (databaseUrl !== undefined) return databaseUrl;
  try {
    return readFileSync(join(dataDir, "run", "database-url"), "utf8").trim();
  } catch {
    return undefined;
  }
}
