// The settings of the command line. `doctor` also reads those of the services.
import { text, url } from "@onsale/config/kinds";
import { ConfigFault, type Environment, loadConfig, type Setting } from "@onsale/config/load-config";
import { optionalDatabaseUrl, partitions, redisUrls } from "@onsale/config/settings";
import { findGateway, type GatewayAddress, readRunFile, runFiles } from "@onsale/service/running-installation";

const gatewayUrl = url("ONSALE_URL", ["http:", "https:"], "");

/** Where the gateway is, without a slash at the end; undefined when it is not set. */
export const onsaleUrl: Setting<string | undefined> = {
  ...gatewayUrl,
  description: "Where a gateway is, for commands that call the API.",
  defaultText: "that of the `npm start` that runs on `DATA_DIR`, else http://127.0.0.1:8080",
  parse: (value) => {
    if (value === undefined) return undefined;
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
    description: "The database, for `keys`, `accounts`, `orders archive` and `doctor`.",
    defaultText: "the database of the `npm start` that runs on `DATA_DIR`",
  },
  dataDir: text(
    "DATA_DIR",
    ".data",
    "Folder of a running `npm start`, whose gateway and database are used without `ONSALE_URL` and `DATABASE_URL`.",
  ),
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
  return databaseUrl ?? readRunFile(dataDir, runFiles.databaseUrl);
}

/** The gateway at ONSALE_URL, otherwise that of a running `npm start`, otherwise the usual address. */
export function chooseGateway({ onsaleUrl: url, dataDir }: CliConfig): GatewayAddress {
  return url === undefined ? findGateway(dataDir) : { url, isRunning: true };
}
