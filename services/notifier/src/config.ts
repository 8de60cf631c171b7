import { type Environment, loadConfig } from "@onsale/config/load-config";
import {
  databaseUrl,
  logLevel,
  metricsHost,
  metricsPort,
  redisUrls,
  requiredWebhookKey,
  webhookAllowPrivate,
  webhookRetrySchedule,
} from "@onsale/config/settings";

/** What a notifier reads from its environment. */
export const notifierSettings = {
  databaseUrl,
  redisUrls,
  webhookKey: requiredWebhookKey,
  webhookAllowPrivate,
  webhookRetrySchedule,
  metricsHost,
  metricsPort,
  logLevel,
};

export type NotifierConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError with everything that is wrong */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(notifierSettings, environment);
}
