// The settings of `npm start`, and what its children get of its environment.
import { integer, optionalInteger, text } from "@onsale/config/kinds";
import { type Environment, loadConfig } from "@onsale/config/load-config";
import {
  adminHost,
  adminPort,
  adminReadOnly,
  auth,
  checkHost,
  customerKey,
  host,
  logFormat,
  logLevel,
  optionalAdminPassword,
  optionalDatabaseUrl,
  optionalWebhookKey,
  partitions,
  port,
  redisUrls,
  webhookAllowPrivate,
  webhookInFlightMax,
  webhookRetrySchedule,
} from "@onsale/config/settings";

const processes = (variable: string, what: string) =>
  integer(variable, { min: 1, max: 32, default: 1 }, `${what} processes to start.`);

/** What `npm start` reads from its environment. */
export const standaloneSettings = {
  host,
  port,
  adminHost,
  adminPort: {
    ...optionalInteger(adminPort.variable, { min: 0, max: 65_535 }, adminPort.description),
    defaultText: `${adminPort.defaultText}, or a free one when that is taken`,
  },
  adminPassword: { ...optionalAdminPassword, defaultText: "kept in `DATA_DIR/admin-password`, printed at start" },
  adminReadOnly,
  databaseUrl: optionalDatabaseUrl,
  redisUrls,
  partitions,
  dataDir: text("DATA_DIR", ".data", "Folder of the embedded database, its log and the pid files."),
  gateways: processes("GATEWAYS", "Gateway"),
  workers: processes("WORKERS", "Worker"),
  notifiers: processes("NOTIFIERS", "Notifier"),
  webhookAllowPrivate: {
    ...webhookAllowPrivate,
    defaultText: "1, with AUTH=keys 0",
    parse: (value: string | undefined) => (value === undefined ? undefined : webhookAllowPrivate.parse(value)),
  },
  webhookKey: { ...optionalWebhookKey, defaultText: "kept in `DATA_DIR/webhook-key`" },
  customerKey: { ...customerKey, defaultText: "kept in `DATA_DIR/customer-key`" },
  webhookInFlightMax,
  webhookRetrySchedule,
  logLevel,
  logFormat,
  auth: { ...auth, defaultText: "off", parse: (value: string | undefined) => auth.parse(value ?? "off") },
};

export type StandaloneConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError with everything that is wrong */
export function readConfig(environment: Environment = process.env) {
  const config = loadConfig(standaloneSettings, environment, [checkHost]);
  return { ...config, webhookAllowPrivate: config.webhookAllowPrivate ?? defaultWebhookAllowPrivate(config.auth) };
}

/**
 * With AUTH=keys, which a HOST beyond loopback takes, clients of other machines choose the URLs of webhooks: these must
 * not reach what only this machine and its network can reach.
 */
function defaultWebhookAllowPrivate(mode: "keys" | "off"): "0" | "1" {
  return mode === "keys" ? "0" : "1";
}

/** Whether npm started this process. npm does not pass on every signal, and a killed npm passes on none. */
export function isStartedByNpm(environment: Environment = process.env): boolean {
  return environment.npm_lifecycle_event === "start";
}

/** The environment that children inherit. It has none of the settings above: each child gets its own. */
export function inheritedEnvironment(environment: Environment = process.env): Environment {
  const own = new Set<string>(Object.values(standaloneSettings).map((setting) => setting.variable));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.has(name)));
}
