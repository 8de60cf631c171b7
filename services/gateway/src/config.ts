import { choice, integer } from "@onsale/config/kinds";
import { type Environment, loadConfig } from "@onsale/config/load-config";
import {
  auth,
  databaseUrl,
  host,
  logLevel,
  metricsHost,
  optionalMetricsPort,
  optionalWebhookKey,
  partitions,
  port,
  redisUrls,
  webhookAllowPrivate,
} from "@onsale/config/settings";

/** What the gateway reads from its environment. */
export const gatewaySettings = {
  host,
  port,
  sharePort: choice("SHARE_PORT", ["on", "off"], "off", "Whether several gateways of this machine listen on one port."),
  waitersMax: integer(
    "WAITERS_MAX",
    { min: 0, max: 100_000, default: 10_000 },
    "Requests and streams that may wait at a time; further requests are answered at once, further streams refused.",
  ),
  soldOut: choice(
    "SOLD_OUT",
    ["refuse", "record"],
    "refuse",
    "What becomes of purchases when a ticket type is known to be sold out: refused at once with 409, or recorded and rejected.",
  ),
  databaseUrl,
  redisUrls,
  partitions,
  webhookKey: optionalWebhookKey,
  webhookAllowPrivate,
  metricsHost,
  metricsPort: optionalMetricsPort,
  logLevel,
  auth,
};

export type GatewayConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError with everything that is wrong */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(gatewaySettings, environment);
}
