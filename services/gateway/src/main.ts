import { catalogueChannel, decidedChannel, parseDecided } from "@onsale/database/channels";
import { createDatabase, createPool } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import { createListener } from "@onsale/database/listen";
import { createMigrationCheck, migrate } from "@onsale/database/migrate";
import { processLog } from "@onsale/database/statements/report-process";
import { summarisePending } from "@onsale/database/statements/summarise-pending";
import { registerInstallationGauges } from "@onsale/observability/installation-gauges";
import { createLogger, createThrottle } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { startOpsServer } from "@onsale/observability/ops-server";
import { startProcessReports } from "@onsale/observability/process-report";
import { createShutdown } from "@onsale/observability/shutdown";
import { describeStartFailure, reportReady, stopRequested } from "@onsale/observability/supervision";
import { prepareQueues, type QueueSource, queueSettings } from "@onsale/queue/backend";
import { allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { buildApp } from "./app.ts";
import { createCatalogue } from "./catalogue.ts";
import { type GatewayConfig, readConfig } from "./config.ts";
import { createEnqueuer } from "./enqueuer.ts";
import { createIntake, insertSlotCount } from "./intake.ts";
import { createOrderReader } from "./order-reader.ts";
import { createQueueEstimates } from "./queue-estimates.ts";
import { createRecorder } from "./recorder.ts";
import { createRoom } from "./room.ts";
import { createSaleStreams } from "./sale-streams.ts";
import { createSoldOut } from "./sold-out.ts";
import { createWaiters } from "./waiters.ts";

/** Without API keys everything belongs to the account that the first migration makes. */
const defaultAccountId = 1;
const readConnectionCountMax = 4;
const queueConnectionCountMax = 4;
const auditStatementMaxMs = 60_000;

async function main(config: GatewayConfig): Promise<void> {
  const stopReason = stopRequested();
  const logger = createLogger("gateway", config.logLevel);
  const shutdown = createShutdown(logger);
  const connection = { url: config.databaseUrl, applicationName: "onsale-gateway" };
  const warnSeldom = createThrottle((err: Error) => logger.warn({ err }, "a connection failed; it is made again"));

  await migrate(config.databaseUrl);
  const isMigrated = await createMigrationCheck();

  const readDb = createDatabase({ ...connection, connectionCountMax: readConnectionCountMax, onIdleError: warnSeldom });
  shutdown.add("read connections", () => readDb.destroy());

  const auditDb = createDatabase({
    ...connection,
    connectionCountMax: 1,
    statementTimeoutMs: auditStatementMaxMs,
    onIdleError: warnSeldom,
  });
  shutdown.add("audit connection", () => auditDb.destroy());

  const intakeDb = createDatabase({
    ...connection,
    connectionCountMax: insertSlotCount,
    settings: indexPlans,
    onIdleError: warnSeldom,
  });
  shutdown.add("intake connections", () => intakeDb.destroy());

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
  const producer = openProducer(queueSource, allocateLanes(config.partitions), warnSeldom);
  shutdown.add("queue producer", producer.close);

  const metrics = createMetrics();
  registerInstallationGauges(metrics, {
    summarisePending: () => summarisePending(readDb),
    countJobs: producer.countJobs,
  });

  const enqueuer = createEnqueuer(producer, config.partitions, metrics, logger);
  shutdown.add("enqueuer", enqueuer.close);

  const queueEstimates = createQueueEstimates(readDb);
  const recorder = createRecorder(intakeDb, metrics, (eventId, count, lastSeq) => {
    enqueuer.wake(eventId);
    queueEstimates.noteAccepted(eventId, count, lastSeq);
  });
  const intake = createIntake(recorder, metrics);
  shutdown.add("intake", intake.close);

  const orderReader = createOrderReader(readDb);
  const waiters = createWaiters(orderReader);
  const soldOut = createSoldOut(readDb, config.soldOut === "refuse");
  shutdown.add("sold-out ticket types", soldOut.close);
  const saleStreams = createSaleStreams(readDb, queueEstimates.decidedPerSecond);
  const onDecided = (payload: string) => {
    for (const decided of parseDecided(payload)) {
      waiters.onDecided(decided);
      queueEstimates.noteDecided(decided);
      saleStreams.touch(decided.eventId);
      soldOut.onDecided(decided);
    }
  };
  const catalogue = createCatalogue(readDb, () => listener.isListening());
  const listener = createListener({
    ...connection,
    handlers: { [decidedChannel]: onDecided, [catalogueChannel]: catalogue.onChanged },
    onListening: () => {
      catalogue.forgetAll();
      waiters.onListening();
    },
    onLost: warnSeldom,
  });
  shutdown.add("listener", listener.close);

  let isStopping = false;
  const isReady = async () => !isStopping && (await isMigrated(readDb));
  const parts = {
    db: readDb,
    auditDb,
    accountId: defaultAccountId,
    catalogue,
    intake,
    orderReader,
    soldOut,
    queueEstimates,
    waiters,
    saleStreams,
    room: createRoom(config.waitersMax),
    webhookKey: config.webhookKey,
    webhookAllowPrivate: config.webhookAllowPrivate === "1",
    metrics,
    logger,
    isReady,
  };
  const app = await buildApp(parts);
  shutdown.add("HTTP server", () => app.close());
  const listenOptions = { host: config.host, port: config.port, reusePort: config.sharePort === "on" };
  const url = await app.listen({ ...listenOptions, listenTextResolver: (address) => `gateway listens on ${address}` });

  if (config.metricsPort !== undefined) {
    const opsServer = await startOpsServer({ host: config.metricsHost, port: config.metricsPort }, metrics, isReady);
    shutdown.add("metrics server", opsServer.close);
    logger.info(`metrics of this process at ${opsServer.url}/metrics`);
  }
  const reports = startProcessReports("gateway", metrics, processLog(readDb), warnSeldom);
  shutdown.add("process reports", reports.close);
  reportReady(url);

  logger.info({ reason: await stopReason }, "stopping");
  isStopping = true;
  await shutdown.run();
}

try {
  await main(readConfig());
  process.exit(0);
} catch (error) {
  console.error(`gateway: ${describeStartFailure(error)}`);
  process.exit(1);
}
