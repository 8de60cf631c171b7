import { defaultRateLimitPerAddress } from "@onsale/config/settings";
import { auditedChannel, catalogueChannel, decidedChannel, parseDecided } from "@onsale/database/channels";
import { createDatabase, createPool, type Db } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import { createListener } from "@onsale/database/listen";
import { createMigrationCheck, migrate } from "@onsale/database/migrate";
import { processLog } from "@onsale/database/statements/report-process";
import { summarisePending } from "@onsale/database/statements/summarise-pending";
import { registerInstallationGauges } from "@onsale/observability/installation-gauges";
import { createLogger, createThrottle, type Logger } from "@onsale/observability/logger";
import { createMetrics, type Metrics } from "@onsale/observability/metrics";
import { startOpsServer } from "@onsale/observability/ops-server";
import { startProcessReports } from "@onsale/observability/process-report";
import { createShutdown } from "@onsale/observability/shutdown";
import { describeStartFailure, reportReady, stopRequested } from "@onsale/observability/supervision";
import { prepareQueues, type QueueSource, queueSettings } from "@onsale/queue/backend";
import { allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { createApiKeys } from "./api-keys.ts";
import { buildApp } from "./app.ts";
import { createArrivals } from "./arrivals.ts";
import { type Auditor, startAuditor } from "./auditor.ts";
import { createCatalogue } from "./catalogue.ts";
import { type GatewayConfig, readConfig } from "./config.ts";
import { createEnqueuer } from "./enqueuer.ts";
import { createGroupedRead } from "./grouped-read.ts";
import { createIntake, insertSlotCount } from "./intake.ts";
import { createOrderReader } from "./order-reader.ts";
import type { AccessRules } from "./plugins/access.ts";
import { createQueueEstimates } from "./queue-estimates.ts";
import { ratePolicy } from "./rate-limits.ts";
import { createRecorder } from "./recorder.ts";
import { createRoom } from "./room.ts";
import { createSaleStreams } from "./sale-streams.ts";
import { createSoldOut } from "./sold-out.ts";
import { createStreamKeys } from "./stream-keys.ts";
import { createWaiters } from "./waiters.ts";

const readConnectionCountMax = 4;
const otherConnectionCountMax = 3;
const queueConnectionCountMax = 4;
/** For the audits that people ask for, and for those that nobody does (auditor.ts). */
const auditConnectionCountMax = 2;
const auditStatementMaxMs = 60_000;
const probeCountMax = 10_000;

async function main(config: GatewayConfig): Promise<void> {
  const stopReason = stopRequested();
  const logger = createLogger("gateway", config.logLevel);
  const shutdown = createShutdown(logger);
  const connection = { url: config.databaseUrl, applicationName: "onsale-gateway" };
  const warnSeldom = createThrottle((err: Error) => logger.warn({ err }, "a connection failed; it is made again"));

  await migrate(config.databaseUrl);
  const isMigrated = await createMigrationCheck();

  // What buyers wait for, found by indexes. It must not stand behind a list of millions, so the rest has its own.
  const readDb = createDatabase({
    ...connection,
    connectionCountMax: readConnectionCountMax,
    settings: indexPlans,
    onIdleError: warnSeldom,
  });
  shutdown.add("read connections", () => readDb.destroy());

  const db = createDatabase({ ...connection, connectionCountMax: otherConnectionCountMax, onIdleError: warnSeldom });
  shutdown.add("other connections", () => db.destroy());

  const auditDb = createDatabase({
    ...connection,
    connectionCountMax: auditConnectionCountMax,
    statementTimeoutMs: auditStatementMaxMs,
    onIdleError: warnSeldom,
  });
  shutdown.add("audit connections", () => auditDb.destroy());

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

  const arrivals = createArrivals(readDb, (err) => logger.debug({ err }, "an arrival could not be announced"));
  shutdown.add("arrivals", arrivals.close);
  const enqueuer = createEnqueuer({ producer, partitionCount: config.partitions, arrivals, metrics, logger });
  shutdown.add("enqueuer", enqueuer.close);

  const queueEstimates = createQueueEstimates(readDb);
  const recorder = createRecorder(intakeDb, metrics, (eventId, count, lastSeq) => {
    enqueuer.wake(eventId, lastSeq);
    queueEstimates.noteAccepted(eventId, count, lastSeq);
  });
  const intake = createIntake(recorder, metrics);
  shutdown.add("intake", intake.close);

  const orderReader = createOrderReader(readDb);
  const waiters = createWaiters(orderReader);
  const soldOut = createSoldOut(readDb, config.soldOut === "refuse");
  shutdown.add("sold-out ticket types", soldOut.close);
  const saleStreams = createSaleStreams(readDb, queueEstimates.decidedPerSecond);
  const auditor = startAuditorIfWanted(config, auditDb, metrics, logger);
  if (auditor !== undefined) shutdown.add("auditor", auditor.close);
  const onDecided = (payload: string) => {
    for (const decided of parseDecided(payload)) {
      enqueuer.onDecided(decided);
      waiters.onDecided(decided);
      queueEstimates.noteDecided(decided);
      saleStreams.touch(decided.eventId);
      soldOut.onDecided(decided);
      auditor?.onDecided(decided);
    }
  };
  const catalogue = createCatalogue(readDb, () => listener.isListening());
  const listener = createListener({
    ...connection,
    handlers: {
      [decidedChannel]: onDecided,
      [catalogueChannel]: catalogue.onChanged,
      ...(auditor === undefined ? {} : { [auditedChannel]: auditor.onAudited }),
    },
    onListening: () => {
      catalogue.forgetAll();
      waiters.onListening();
    },
    onLost: warnSeldom,
  });
  shutdown.add("listener", listener.close);

  const access = createAccess(config, readDb);
  const { keys } = access;
  if (keys !== undefined) shutdown.add("API keys", keys.close);
  const streamKeys = createStreamKeys(keys);
  shutdown.add("keys of streams", streamKeys.close);

  let isStopping = false;
  // Everybody may ask, as often as he likes: all who ask at a time share one query.
  const askMigrated = createGroupedRead<void, boolean>({
    slotCount: 1,
    groupCountMax: probeCountMax,
    readAll: async () => {
      const migrated = await isMigrated(readDb);
      return () => migrated;
    },
  });
  const isReady = async () => !isStopping && (await askMigrated());
  const parts = {
    db,
    auditDb,
    catalogue,
    intake,
    orderReader,
    soldOut,
    queueEstimates,
    waiters,
    saleStreams,
    streamKeys,
    room: createRoom(config.waitersMax, shareOfRoom(config)),
    webhookKey: config.webhookKey,
    webhookAllowPrivate: config.webhookAllowPrivate === "1",
    metrics,
    logger,
    isReady,
  };
  const app = await buildApp(parts, {
    ...access,
    trustProxy: config.trustProxy,
    connectionsMax: config.connectionsMax,
  });
  shutdown.add("HTTP server", () => app.close());
  const listenOptions = { host: config.host, port: config.port, reusePort: config.sharePort === "on" };
  const url = await app.listen({ ...listenOptions, listenTextResolver: (address) => `gateway listens on ${address}` });

  if (config.metricsPort !== undefined) {
    const opsServer = await startOpsServer({ host: config.metricsHost, port: config.metricsPort }, metrics, isReady);
    shutdown.add("metrics server", opsServer.close);
    logger.info(`metrics of this process at ${opsServer.url}/metrics`);
  }
  const reports = startProcessReports("gateway", metrics, processLog(db), warnSeldom);
  shutdown.add("process reports", reports.close);
  reportReady(url);

  logger.info({ reason: await stopReason }, "stopping");
  isStopping = true;
  await shutdown.run();
}

/** With AUTH off there is one account, which may take all of the room. */
function shareOfRoom({ auth, waitersMax }: GatewayConfig): number {
  return auth === "keys" ? Math.ceil(waitersMax / 2) : waitersMax;
}

function startAuditorIfWanted(
  { auditAfterSeconds }: GatewayConfig,
  db: Db,
  metrics: Metrics,
  logger: Logger,
): Auditor | undefined {
  if (auditAfterSeconds === 0) return undefined;
  return startAuditor(db, metrics, {
    quietMs: auditAfterSeconds * 1_000,
    onViolation: (violation) => logger.error(violation, "an audit found a violated invariant"),
    onError: createThrottle((err: Error) => logger.warn({ err }, "an audit failed; it is made again later")),
  });
}

function createAccess(config: GatewayConfig, db: Db): AccessRules {
  const { auth, rateLimitPerKey, rateLimitPerAddress = defaultRateLimitPerAddress(auth) } = config;
  const perSecond = (name: string, quota: number) => (quota > 0 ? ratePolicy(name, quota, 1) : undefined);
  return {
    keys: auth === "keys" ? createApiKeys(db, perSecond("key", rateLimitPerKey)) : undefined,
    addressPolicy: perSecond("address", rateLimitPerAddress),
  };
}

try {
  await main(readConfig());
  process.exit(0);
} catch (error) {
  console.error(`gateway: ${describeStartFailure(error)}`);
  process.exit(1);
}
