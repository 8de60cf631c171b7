import { choice, integer, optionalInteger } from "@onsale/config/kinds";
import { type Environment, loadConfig } from "@onsale/config/load-config";
import {
  auth,
  checkHost,
  customerKey,
  databaseUrl,
  host,
  logFormat,
  logLevel,
  metricsHost,
  optionalMetricsPort,
  optionalWebhookKey,
  partitions,
  port,
  rateLimitPerAddress,
  rateLimitPerKey,
  redisUrls,
  trustProxy,
  webhookAllowPrivate,
} from "@onsale/config/settings";
import { pressureLimits } from "./overload/pressure-levels.ts";

const connectionsPerAddressGiven = optionalInteger(
  "CONNECTIONS_PER_ADDRESS_MAX",
  { min: 0, max: 1_000_000 },
  "Connections that one IPv4 address or one IPv6 /64 network may have open at a time; further ones are closed at " +
    "once. 0 for no limit. Proxies that `TRUST_PROXY` names have none.",
);
/** A quarter of all connections: enough for a company behind one address. */
const connectionsPerAddressDefault = 5_000;

/** The gateway's settings, read from its environment. */
export const gatewaySettings = {
  host,
  port,
  sharePort: choice("SHARE_PORT", ["on", "off"], "off", "Whether several gateways of this machine listen on one port."),
  auth,
  rateLimitPerKey,
  rateLimitPerAddress,
  trustProxy,
  connectionsMax: integer(
    "CONNECTIONS_MAX",
    { min: 1, max: 1_000_000, default: 20_000 },
    "Connections of clients that may be open at a time; further ones are closed at once.",
  ),
  connectionsPerAddressMax: {
    ...connectionsPerAddressGiven,
    defaultText: `${connectionsPerAddressDefault}, with AUTH off 0`,
  },
  waitersMax: integer(
    "WAITERS_MAX",
    { min: 0, max: 100_000, default: 10_000 },
    "Requests and streams that may wait at a time, with AUTH=keys at most half of them of one account; " +
      "further requests are answered at once, further streams end at once.",
  ),
  waitSecondsMax: integer(
    "WAIT_SECONDS_MAX",
    { min: 1, max: 240, default: 30 },
    "The longest `Prefer: wait` that is granted; shorter than any proxy before the gateway waits for an answer.",
  ),
  keepAliveSeconds: integer(
    "KEEP_ALIVE_SECONDS",
    { min: 1, max: 7_200, default: 72 },
    "Seconds after which a connection without a request is closed; longer than any proxy before the gateway keeps one.",
  ),
  drainSeconds: integer(
    "DRAIN_SECONDS",
    { min: 0, max: 300, default: 0 },
    "Seconds for which a gateway that was asked to stop still serves while `/readyz` is 503, until every load " +
      "balancer sends its requests elsewhere: 10 behind the HAProxy and in the Kubernetes manifests of this " +
      "repository.",
  ),
  soldOut: choice(
    "SOLD_OUT",
    ["refuse", "record"],
    "refuse",
    "Purchases of a ticket type that is known to be sold out: refused at once with 409, or recorded and rejected.",
  ),
  pendingSecondsMax: integer(
    "PENDING_SECONDS_MAX",
    { min: 0, max: 3_600, default: 15 },
    "How long the last pending order may wait at the measured rate of decisions; further purchases are refused with 503 " +
      "`queue-full`. At least 1,000 orders of an event and 5,000 of all may be pending. 0 for no limit.",
  ),
  loopDelayMsMax: integer(
    "LOOP_DELAY_MS_MAX",
    { min: 0, max: 60_000, default: 500 },
    "Mean delay of the event loop over a second from which on lists are refused with 503 `overloaded`; from twice as " +
      "much on also purchases, from four times as much on everything but health checks and metrics. 0 for no limit.",
  ),
  heapPercentMax: integer(
    "HEAP_PERCENT_MAX",
    { min: 0, max: 99, default: 80 },
    "Share of the heap's limit in use from which on lists are refused with 503 `overloaded`; purchases when half of " +
      "the rest is used, too, and everything but health checks and metrics at three quarters of it. 0 for no limit.",
  ),
  auditAfterSeconds: integer(
    "AUDIT_AFTER_SECONDS",
    { min: 0, max: 86_400, default: 60 },
    "Seconds without a decision after which the gateway audits an event by itself; 0 for never.",
  ),
  databaseUrl,
  redisUrls,
  partitions,
  webhookKey: optionalWebhookKey,
  customerKey,
  webhookAllowPrivate,
  metricsHost,
  metricsPort: optionalMetricsPort,
  logLevel,
  logFormat,
};

export type GatewayConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError that names every invalid setting */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(gatewaySettings, environment, [checkHost]);
}

/** The most connections of one address; undefined for no limit. */
function findConnectionsPerAddressMax({ auth: mode, connectionsPerAddressMax }: GatewayConfig) {
  const max = connectionsPerAddressMax ?? (mode === "keys" ? connectionsPerAddressDefault : 0);
  return max === 0 ? undefined : max;
}

/** The settings of the HTTP server. */
export function httpOptions(config: GatewayConfig) {
  const { trustProxy, connectionsMax, keepAliveSeconds, loopDelayMsMax, heapPercentMax } = config;
  return {
    trustProxy,
    connectionsMax,
    keepAliveSeconds,
    pressureLimits: pressureLimits(loopDelayMsMax, heapPercentMax),
    connectionsPerAddressMax: findConnectionsPerAddressMax(config),
  };
}
