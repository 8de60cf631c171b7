// The settings of the command line. `doctor` also reads those of the services.
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

/** The caller's key. Messages never contain its value. */
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
    defaultText: "the database of the `npm start` that runs on `DATA_DIR`",
  },
  dataDir: text("DATA_DIR", ".data", "Folder of a running `npm start`, whose database is used without `DATABASE_URL`."),
  redisUrls: { ...redisUrls, description: "The Redis that `doctor` checks." },
  partitions: { ...partitions, description: "Queues of the installation; `doctor` counts their connections." },
};

export type CliConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError with everything that is wrong */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(cliSettings, environment);
}

/** The whole environment, for `doctor`, which checks the settings of every service. */
export function wholeEnvironment(): Environment {
  return process.env;
}

/** The URL in DATABASE_URL, otherwise that of an `npm start` which runs or was killed. Undefined without both. */
export function findDatabaseUrl({ databaseUrl, dataDir }: CliConfig): string | undefined {
  if (databaseUrl !== undefined) return databaseUrl;
  try {
    return readFileSync(join(dataDir, "run", "database-url"), "utf8").trim();
  } catch {
    return undefined;
  }
}
