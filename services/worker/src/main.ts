import { createDatabase, createPool } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import { createMigrationCheck, migrate } from "@onsale/database/migrate";
import { processLog } from "@onsale/database/statements/report-process";
import { summarisePending } from "@onsale/database/statements/summarise-pending";
import { bucketsOf } from "@onsale/domain/bucket";
import { registerInstallationGauges } from "@onsale/observability/installation-gauges";
import { createLogger, createThrottle } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { startOpsServer } from "@onsale/observability/ops-server";
import { startProcessReports } from "@onsale/observability/process-report";
import { createShutdown } from "@onsale/observability/shutdown";
import { describeStartFailure, reportReady, stopRequested } from "@onsale/observability/supervision";
import { prepareQueues, type QueueSource, queueSettings } from "@onsale/queue/backend";
import { openConsumer } from "@onsale/queue/consumer";
import type { AllocateJob } from "@onsale/queue/job";
import { allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { createAllocator } from "./allocator.ts";
import { listenForArrivals } from "./arrivals.ts";
import { readConfig, type WorkerConfig } from "./config.ts";
import { startReconciler } from "./reconciler.ts";

/** A partition's jobs are one lane. */
const concurrencyPerPartition = 1;
const sparePoolConnections = 3;

async function main(config: WorkerConfig): Promise<void> {
  const stopReason = stopRequested();
  const logger = createLogger("worker", config.logLevel);
  const shutdown = createShutdown(logger);
  const connection = { url: config.databaseUrl, applicationName: "onsale-worker" };
  const warnSeldom = createThrottle((err: Error) =>
    logger.warn({ err }, "a connection or a job failed; it is tried again"),
  );

  await migrate(config.databaseUrl);
  const isMigrated = await createMigrationCheck();

  const db = createDatabase({
    ...connection,
    connectionCountMax: config.partitions * concurrencyPerPartition + sparePoolConnections,
    settings: indexPlans,
    onIdleError: warnSeldom,
  });
  shutdown.add("connections", () => db.destroy());

  const queuePool = createPool({
    ...connection,
    // Each partition keeps one to listen on.
    connectionCountMax: config.partitions + sparePoolConnections,
    settings: queueSettings,
    onIdleError: warnSeldom,
  });
  shutdown.add("queue connections", () => queuePool.end());

  const queueSource: QueueSource = config.redisUrls
    ? { kind: "redis", urls: config.redisUrls }
    : { kind: "postgres", pool: queuePool };
  await prepareQueues(queueSource);
  const lanes = allocateLanes(config.partitions);
  const producer = openProducer(queueSource, lanes, warnSeldom);
  shutdown.add("queue producer", producer.close);

  const metrics = createMetrics();
  registerInstallationGauges(metrics, { summarisePending: () => summarisePending(db), countJobs: producer.countJobs });

  const allocator = createAllocator(db, metrics, logger);
  const serve = (job: AllocateJob) =>
    allocator.serve(bucketsOf(job.partition, config.partitions), () => producer.enqueue(job));
  const arrivals = listenForArrivals({ ...connection, onLost: warnSeldom }, allocator);
  shutdown.add("listener for arrivals", arrivals.close);

  const reconciler = startReconciler({
    ...{ db, producer, partitionCount: config.partitions, serve, metrics, onError: warnSeldom },
  });
  shutdown.add("reconciler", reconciler.close);

  const consumer = openConsumer(queueSource, {
    lanes,
    concurrency: concurrencyPerPartition,
    handle: serve,
    onError: warnSeldom,
  });
  shutdown.add("queue consumer", consumer.close);

  const address = { host: config.metricsHost, port: config.metricsPort };
  const opsServer = await startOpsServer(address, metrics, () => isMigrated(db));
  shutdown.add("metrics server", opsServer.close);
  logger.info(`metrics of this process at ${opsServer.url}/metrics`);
  const reports = startProcessReports("worker", metrics, processLog(db), warnSeldom);
  shutdown.add("process reports", reports.close);
  reportReady(opsServer.url);

  logger.info({ reason: await stopReason }, "stopping");
  await shutdown.run();
}

try {
  await main(readConfig());
  process.exit(0);
} catch (error) {
  console.error(`worker: ${describeStartFailure(error)}`);
  process.exit(1);
}
