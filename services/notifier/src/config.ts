import { type Environment, loadConfig } from "@onsale/config/load-config";
import {
  databaseUrl,
  logFormat,
  logLevel,
  metricsHost,
  metricsPort,
  redisUrls,
  requiredWebhookKey,
  webhookAllowPrivate,
  webhookInFlightMax,
  webhookRetrySchedule,
} from "@onsale/config/settings";

/** The settings of a notifier. */
export const notifierSettings = {
  databaseUrl,
  redisUrls,
  webhookKey: requiredWebhookKey,
  webhookAllowPrivate,
  webhookInFlightMax,
  webhookRetrySchedule,
  metricsHost,
  metricsPort,
  logLevel,
  logFormat,
};

export type NotifierConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError that names every setting with a bad value */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(notifierSettings, environment);
}
