// The settings that several services share. Their descriptions are the text of docs/configuration.md.
import { isIP, isIPv4 } from "node:net";
import { databaseServers } from "./database-url.ts";
import { choice, integer, optionalInteger, secretKey, text, url, urls } from "./kinds.ts";
import { ConfigFault, type Setting } from "./load-config.ts";

const postgresUrl = url(
  "DATABASE_URL",
  ["postgres:", "postgresql:"],
  "PostgreSQL 15 or later, reached without a pooler: the services use settings of the session. Several hosts with " +
    "commas between, as libpq writes them, are a primary and its standbys; the one that takes writes is used.",
);

/** Refuses what the driver cannot use, in terms of libpq's URLs, which may also name several hosts or none. */
const anyDatabaseUrl: Setting<string | undefined> = {
  ...postgresUrl,
  parse: (value) => {
    if (value === undefined) return undefined;
    if (/,\s*postgres(ql)?:\/\//.test(value)) throw new ConfigFault("must be one URL");
    for (const server of databaseServers(value)) postgresUrl.parse(server.url.replace(socketHost, "$1localhost"));
    return value;
  },
};

/** The folder of a Unix socket as host, or no host after a user, where the folder is in the parameter `host`. */
const socketHost = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?:%2f[^/?#:]*(?=[/?#:]|$)|(?=\/))/i;

/** The database; undefined when the embedded one is used. */
export const optionalDatabaseUrl: Setting<string | undefined> = {
  ...anyDatabaseUrl,
  description:
    "An external PostgreSQL 15 or later, instead of the embedded one; several hosts with commas between are a " +
    "primary and its standbys.",
  defaultText: "embedded",
};

/** The database of a service that is started alone. */
export const databaseUrl: Setting<string> = {
  ...anyDatabaseUrl,
  defaultText: "required",
  parse: (value) => {
    const parsed = anyDatabaseUrl.parse(value);
    if (parsed !== undefined) return parsed;
    throw new ConfigFault("must be set, such as postgres://user:password@host:5432/onsale");
  },
};

export const redisUrls = urls(
  "REDIS_URL",
  ["redis:", "rediss:"],
  "Redis for the queues, instead of PostgreSQL; several URLs with commas between are nodes of a Redis Cluster.",
);

export const partitions = integer(
  "PARTITIONS",
  { min: 1, max: 64, default: 4 },
  "Number of partitions that the events are spread over; the same for all services of an installation.",
);

export const logLevel = choice(
  "LOG_LEVEL",
  ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
  "info",
  "Lowest level of the log lines that are written.",
);

export const logFormat = choice(
  "LOG_FORMAT",
  ["auto", "json", "pretty"],
  "auto",
  "How log lines are written: as JSON, or with `pretty` for people; `auto` does that in a terminal only.",
);

function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** Where the gateway listens. */
export const host = text(
  "HOST",
  "127.0.0.1",
  "Address that the gateway listens on, such as 0.0.0.0 for all addresses; a loopback address while AUTH is off.",
);

export const port = integer(
  "PORT",
  { min: 0, max: 65_535, default: 8080 },
  "Port of the gateway; 0 takes a free port.",
);

export const auth = choice(
  "AUTH",
  ["keys", "off"],
  "keys",
  "Who may call the API: with `keys` clients that have an API key, with `off` every client on this machine.",
);

/** Without API keys, only clients on the same machine may reach a gateway. */
export function checkHost({ host: address, auth: mode }: Partial<{ host: string; auth: "keys" | "off" }>) {
  if (mode !== "off" || address === undefined || isLoopback(address)) return undefined;
  return `HOST must be a loopback address such as 127.0.0.1 while AUTH is off, not "${address}"; set AUTH=keys`;
}

const requestsPerSecondMax = 1_000_000;
const requestsPerSecond = 5_000;

/** The default is a third of what a gateway can answer, so that one client alone cannot overload it. */
export const rateLimitPerKey = integer(
  "RATE_LIMIT_PER_KEY",
  { min: 0, max: requestsPerSecondMax, default: requestsPerSecond },
  "Requests a second that a gateway process accepts with one API key; 0 for no limit.",
);

const rateLimitPerAddressGiven = optionalInteger(
  "RATE_LIMIT_PER_ADDRESS",
  { min: 0, max: requestsPerSecondMax },
  "Requests a second that a gateway process accepts from one IPv4 address or one IPv6 /64 network; 0 for no limit.",
);

/** Undefined when it is not set; then `defaultRateLimitPerAddress` has it. */
export const rateLimitPerAddress = {
  ...rateLimitPerAddressGiven,
  defaultText: `${requestsPerSecond}, with AUTH off 0`,
};

/** The rate limit per address when it is not set. */
export function defaultRateLimitPerAddress(mode: "keys" | "off"): number {
  return mode === "keys" ? requestsPerSecond : 0;
}

const proxyNames = new Set(["loopback", "linklocal", "uniquelocal"]);

function isNetwork(value: string): boolean {
  const [address = "", bits, ...rest] = value.split("/");
  const bitsMax = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    rest.length === 0 && bitsMax > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax))
  );
}

/** The proxies that are believed about the client's address. */
export const trustProxy: Setting<readonly string[]> = {
  variable: "TRUST_PROXY",
  description:
    "Proxies whose `X-Forwarded-For` is believed: addresses, networks such as 10.0.0.0/8, or the names `loopback`, " +
    "`linklocal` and `uniquelocal`, with commas between.",
  defaultText: "none",
  parse: (value) => {
    const parts = value?.split(",").map((part) => part.trim()) ?? [];
    const bad = parts.find((part) => !proxyNames.has(part) && !isNetwork(part));
    if (bad === undefined) return parts;
    throw new ConfigFault(`must be addresses or networks such as 10.0.0.0/8 with commas between, not "${bad}"`);
  },
};

export const optionalMetricsPort = optionalInteger(
  "METRICS_PORT",
  { min: 0, max: 65_535 },
  "Another port, with the metrics and health of this process; 0 takes a free port and prints it at start.",
);

export const metricsPort = integer(
  "METRICS_PORT",
  { min: 0, max: 65_535, default: 9464 },
  "Port with the metrics and health of this process; 0 takes a free port and prints it at start.",
);

export const metricsHost = text("METRICS_HOST", "127.0.0.1", "Address that METRICS_PORT listens on.");

export const adminHost = text("ADMIN_HOST", "127.0.0.1", "Address that the admin service listens on.");

export const adminPort = integer(
  "ADMIN_PORT",
  { min: 0, max: 65_535, default: 8081 },
  "Port of the admin service; 0 takes a free port.",
);

export const adminReadOnly = choice(
  "ADMIN_READ_ONLY",
  ["0", "1"],
  "0",
  "With `1` the admin service shows everything and changes nothing.",
);

const adminPasswordLengthMin = 12;
const adminPasswordLengthMax = 1_000;

/** The password of the user `admin`; a message never shows its value. */
export const optionalAdminPassword: Setting<string | undefined> = {
  variable: "ADMIN_PASSWORD",
  description: `Password of the user \`admin\` of the admin service, at least ${adminPasswordLengthMin} characters.`,
  defaultText: "none",
  parse: (value) => {
    if (value === undefined) return undefined;
    if (value.length >= adminPasswordLengthMin && value.length <= adminPasswordLengthMax) return value;
    throw new ConfigFault(`must have at least ${adminPasswordLengthMin} characters`);
  },
};

/** The password of an admin service that is started alone. */
export const adminPassword: Setting<string> = {
  ...optionalAdminPassword,
  defaultText: "required",
  parse: (value) => {
    const parsed = optionalAdminPassword.parse(value);
    if (parsed !== undefined) return parsed;
    throw new ConfigFault("must be set, such as to what `openssl rand -base64 18` prints");
  },
};

export const webhookAllowPrivate = choice(
  "WEBHOOK_ALLOW_PRIVATE",
  ["0", "1"],
  "0",
  "With `1` webhooks may go to http URLs, to this machine and to private networks; for local development.",
);

const webhookKey = secretKey(
  "WEBHOOK_SECRET_KEY",
  "32 random bytes as base64 or hexadecimal, such as from `openssl rand -base64 32`. The key encrypts the webhooks' " +
    "secrets in the database; the same for all gateways and notifiers.",
);

/** Without the key a gateway offers no webhooks. */
export const optionalWebhookKey = webhookKey;

/** The key of a notifier, which can sign nothing without it. */
export const requiredWebhookKey: Setting<Buffer> = {
  ...webhookKey,
  defaultText: "required",
  parse: (value) => {
    const parsed = webhookKey.parse(value);
    if (parsed !== undefined) return parsed;
    throw new ConfigFault("must be set, such as to what `openssl rand -base64 32` prints");
  },
};

/** The number that a process has in flight at all is in the notifier's main.ts. */
export const webhookInFlightMax = integer(
  "WEBHOOK_IN_FLIGHT_MAX",
  { min: 1, max: 256, default: 64 },
  "Webhooks in flight to one endpoint at most; a receiver that fails or is slow gets fewer.",
);

/** Without the key there are no limits per customer and no access codes. */
export const customerKey = secretKey(
  "CUSTOMER_KEY",
  "32 random bytes as base64 or hexadecimal, such as from `openssl rand -base64 32`. Customers are counted, and access " +
    "codes stored, under a hash with this key; the same for all gateways, workers and the admin service, for good.",
);

const dayInSeconds = 86_400;
const attemptCountMax = 50;

/** The schedule of the Standard Webhooks specification. */
const standardSchedule = "0,5,300,1800,7200,18000,36000,50400,72000,86400";

/** Seconds before each attempt of a webhook. */
export const webhookRetrySchedule: Setting<readonly number[]> = {
  variable: "WEBHOOK_RETRY_SCHEDULE",
  description:
    "Seconds before each attempt to deliver a webhook, counted from the attempt before, with commas between.",
  defaultText: standardSchedule,
  parse: (value = standardSchedule) => {
    const parts = value.split(",").map((part) => part.trim());
    const isGood = parts.every((part) => /^\d{1,6}(\.\d{1,3})?$/.test(part) && Number(part) <= 7 * dayInSeconds);
    if (isGood && parts.length <= attemptCountMax) return parts.map(Number);
    throw new ConfigFault(`must be 1 to ${attemptCountMax} numbers of seconds with commas between, not "${value}"`);
  },
};
