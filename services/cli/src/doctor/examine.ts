// Runs all checks of `onsale doctor`.
import { type Environment, loadConfig } from "@onsale/config/load-config";
import { standaloneSettings } from "@onsale/standalone/config";
import { chooseGateway, findDatabaseUrl, readConfig } from "../config.ts";
import { checkConfiguration, withoutFaults } from "./check-configuration.ts";
import { checkDatabase } from "./check-database.ts";
import { checkDisk } from "./check-disk.ts";
import { checkGateway } from "./check-gateway.ts";
import { checkQueues } from "./check-queues.ts";
import { checkRedis } from "./check-redis.ts";
import type { Finding } from "./finding.ts";

/** How many processes are meant to run, as the options of the command give them. */
export type GivenCounts = Readonly<Partial<Record<"gateways" | "workers" | "notifiers", number>>>;

/** Runs all checks, whatever the others find. */
export async function examine(environment: Environment, given: GivenCounts): Promise<Finding[]> {
  const usable = withoutFaults(environment);
  const config = readConfig(usable);
  const { gateways, workers, notifiers } = standaloneSettings;
  const counts = loadConfig({ gateways, workers, notifiers }, usable);
  const processes = { partitions: config.partitions, ...counts, ...given };
  const { url, isRunning } = chooseGateway(config);
  const databaseUrl = findDatabaseUrl(config);
  const findings = await Promise.all([
    checkConfiguration(environment),
    checkDatabase(databaseUrl, processes),
    checkDisk(config.dataDir),
    checkRedis(config.redisUrls),
    checkQueues({ databaseUrl, redisUrls: config.redisUrls, partitions: config.partitions }),
    checkGateway({ url, apiKey: config.apiKey, isExpected: isRunning }),
  ]);
  return findings.flat();
}
