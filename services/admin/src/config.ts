import { type Environment, loadConfig } from "@onsale/config/load-config";
import {
  adminHost,
  adminPassword,
  adminPort,
  adminReadOnly,
  customerKey,
  databaseUrl,
  logFormat,
  logLevel,
  metricsHost,
  metricsPort,
  partitions,
  redisUrls,
} from "@onsale/config/settings";

/** The settings that the admin service reads from its environment. */
export const adminSettings = {
  adminHost,
  adminPort,
  adminPassword,
  adminReadOnly,
  customerKey,
  databaseUrl,
  redisUrls,
  partitions,
  metricsHost,
  metricsPort,
  logLevel,
  logFormat,
};

export type AdminConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError with every setting that is missing or not valid */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(adminSettings, environment);
}
