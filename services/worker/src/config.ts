import { type Environment, loadConfig } from "@onsale/config/load-config";
import { databaseUrl, logLevel, metricsHost, metricsPort, partitions, redisUrls } from "@onsale/config/settings";

/** What a worker reads from its environment. */
export const workerSettings = { databaseUrl, redisUrls, partitions, metricsHost, metricsPort, logLevel };

export type WorkerConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError with everything that is wrong */
export function readConfig(environment: Environment = process.env) {
  return loadConfig(workerSettings, environment);
}
