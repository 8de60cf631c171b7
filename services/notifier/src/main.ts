import { webhooksChannel } from "@onsale/database/channels";
import { createDatabase, createPool } from "@onsale/database/client";
import { createListener } from "@onsale/database/listen";
import { createMigrationCheck, migrate } from "@onsale/database/migrate";
import { oldestUndeliveredAge } from "@onsale/database/statements/oldest-undelivered";
import { processLog } from "@onsale/database/statements/report-process";
import { registerJobGauge, registerUndeliveredGauge } from "@onsale/observability/installation-gauges";
import { createLogger, createThrottle } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { startOpsServer } from "@onsale/observability/ops-server";
import { startProcessReports } from "@onsale/observability/process-report";
import { createShutdown } from "@onsale/observability/shutdown";
import { describeStartFailure, reportReady, stopRequested } from "@onsale/observability/supervision";
import { prepareQueues, type QueueSource, queueSettings } from "@onsale/queue/backend";
import { openConsumer } from "@onsale/queue/consumer";
import { deliverLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { createAttempter } from "./attempter.ts";
import { type NotifierConfig, readConfig } from "./config.ts";
import { createDeliverer } from "./deliverer.ts";
import { createPoster } from "./poster.ts";
import { startRelay } from "./relay.ts";

/** Endpoints that one process serves at the same time; each waits for its receiver nearly all of that time. */
const endpointConcurrency = 100;
const connectionCountMax = 5;
const queueConnectionCountMax = 4;
/** An attempt that has begun is finished, so that it need not be made again. */
const attemptEndMaxMs = 20_000;

async function main(config: NotifierConfig): Promise<void> {
  const stopReason = stopRequested();
  const logger = createLogger("notifier", config.logLevel);
  const shutdown = createShutdown(logger);
  const connection = { url: config.databaseUrl, applicationName: "onsale-notifier" };
  const warnSeldom = createThrottle((err: Error) =>
    logger.warn({ err }, "a connection or a job failed; it is tried again"),
  );

  await migrate(config.databaseUrl);
  const isMigrated = await createMigrationCheck();

  const db = createDatabase({ ...connection, connectionCountMax, onIdleError: warnSeldom });
  shutdown.add("connections", () => db.destroy());

  const queuePool = createPool({
    ...connection,
    connectionCountMax: queueConnectionCountMax,
    settings: queueSettings,
    onIdleError: warnSeldom,
  });
  shutdown.add("queue connections", () => queuePool.end());

  const queueSource: QueueSource = config.redisUrls
    ? { kind: "redis", urls: config.redisUrls }
    : { kind: "postgres", pool: queuePool };
  await prepareQueues(queueSource);
  const producer = openProducer(queueSource, deliverLanes, warnSeldom);
  shutdown.add("queue producer", producer.close);

  const metrics = createMetrics();
  registerJobGauge(metrics, producer.countJobs);
  registerUndeliveredGauge(metrics, () => oldestUndeliveredAge(db));

  const poster = createPoster({ allowPrivate: config.webhookAllowPrivate === "1" });
  shutdown.add("connections to receivers", poster.close);

  const options = { key: config.webhookKey, schedule: config.webhookRetrySchedule };
  const deliverer = createDeliverer(db, createAttempter(db, poster, options, metrics, logger));
  const consumer = openConsumer(queueSource, {
    lanes: deliverLanes,
    concurrency: endpointConcurrency,
    handle: (job) => deliverer.serve(job.endpointId, () => producer.enqueue(job)),
    onError: warnSeldom,
  });
  shutdown.add("queue consumer", consumer.close, attemptEndMaxMs);

  const relay = startRelay(db, producer, config.webhookRetrySchedule[0] ?? 0, warnSeldom);
  shutdown.add("relay", relay.close);
  const listener = createListener({
    ...connection,
    handlers: { [webhooksChannel]: relay.onAnnounced },
    onListening: () => relay.onAnnounced(""),
    onLost: warnSeldom,
  });
  shutdown.add("listener", listener.close);

  const address = { host: config.metricsHost, port: config.metricsPort };
  const opsServer = await startOpsServer(address, metrics, () => isMigrated(db));
  shutdown.add("metrics server", opsServer.close);
  logger.info(`metrics of this process at ${opsServer.url}/metrics`);
  const reports = startProcessReports("notifier", metrics, processLog(db), warnSeldom);
  shutdown.add("process reports", reports.close);
  reportReady(opsServer.url);

  logger.info({ reason: await stopReason }, "stopping");
  deliverer.stop();
  await shutdown.run();
}

try {
  await main(readConfig());
  process.exit(0);
} catch (error) {
  console.error(`notifier: ${describeStartFailure(error)}`);
  process.exit(1);
}
