import { type Environment, loadConfig } from "@onsale/config/load-config";
import {
  customerKey,
  databaseUrl,
  logFormat,
  logLevel,
  metricsHost,
  metricsPort,
  partitions,
  redisUrls,
} from "@onsale/config/settings";

/** The settings of a worker. */
export const workerSettings = {
  databaseUrl,
  redisUrls,
  partitions,
  customerKey,
  metricsHost,
  metricsPort,
  logLevel,
  logFormat,
};

export type WorkerConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError that names every setting with a bad value */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(workerSettings, environment);
}
