// Runs a service process, in the same way for all services: reads the settings, migrates the database, starts the
// parts, reports that the service is ready, waits for the signal to stop, closes the parts in reverse order. A
// service's `main.ts` is its list of parts.
import { createDatabase, createPool, type DatabaseOptions, type Db } from "@onsale/database/client";
import { ProcessSessions } from "@onsale/database/connection/process-sessions";
import { errorCode } from "@onsale/database/errors";
import { createReadinessCheck, migrate } from "@onsale/database/migrate";
import { processLog } from "@onsale/database/statements/operations/report-process";
import { createShutdown, type Shutdown } from "@onsale/lifecycle/shutdown";
import { createThrottle } from "@onsale/lifecycle/throttle";
import { createLogger, type LogFormat, type Logger } from "@onsale/observability/logger";
import { createMetrics, type Metrics } from "@onsale/observability/metrics";
import { prepareQueues, type QueueSource, queueSettings } from "@onsale/queue/backend";
import { createFaultDescriber, kindOfFault } from "./describe-fault.ts";
import { startOpsServer } from "./ops-server.ts";
import { startProcessReports } from "./process-report.ts";
import { describeStartFailure, reportReady, stopRequested } from "./supervision.ts";
import { allocateAllObjectsYoung } from "./young-objects.ts";

/** The settings that every service has. */
export type ServiceConfig = Readonly<{
  databaseUrl: string;
  /** Undefined: the queues live in PostgreSQL. */
  redisUrls: readonly string[] | undefined;
  logLevel: string;
  logFormat: LogFormat;
  metricsHost: string;
  /** Undefined: no server for `/metrics`, `/livez` and `/readyz`. */
  metricsPort: number | undefined;
}>;

type PoolOptions = Omit<DatabaseOptions, "url" | "applicationName" | "sessions">;

/** What `main.ts` builds a service's parts from. */
export type Service<Config> = Readonly<{
  config: Config;
  logger: Logger;
  metrics: Metrics;
  /** For connections to PostgreSQL outside of the pools below. */
  connection: Readonly<{ url: string; applicationName: string; sessions: ProcessSessions }>;
  /** Registers how to close a part that was just started; see `Shutdown`. */
  onStop: Shutdown["add"];
  /**
   * Returns what logs operational errors of a part that are retried. Each fault is logged at most once in five seconds,
   * with the first part that met it; an error that may be a bug, once for each part and code.
   */
  warnOf: (part: string) => (error: Error) => void;
  /** Opens a pool of connections; it is closed with the service. */
  openDatabase: (part: string, options: PoolOptions) => Db;
  /** Opens what the queues need to connect; it is closed with the service. */
  openQueueSource: (options: PoolOptions) => Promise<QueueSource>;
  /** Whether all migrations of this version are applied, sessions may write, and the process is not stopping. */
  isReady: (db: Db) => Promise<boolean>;
}>;

/** A service whose parts run. */
export type Started = Readonly<{
  /** The URL that it serves; without one, that of its metrics server is reported. */
  url?: string;
  isReady: () => Promise<boolean>;
  /** The database that the process reports are written to. */
  db: Db;
  /** Told about reports that could not be written; they are logged like other operational errors by default. */
  onReportError?: (error: Error) => void;
  /**
   * Called when the service is asked to stop, before any part closes: begins no new work from then on. The parts close
   * once a promise that it returns is settled; it must not reject.
   */
  onStopping?: () => void | Promise<void>;
}>;

/**
 * Runs a service until it is asked to stop.
 *
 * @param start starts the parts, each followed by how to close it
 * @returns the exit code: 1 when the service could not start; then stderr has the reason
 */
export async function runService<Config extends ServiceConfig>(
  name: string,
  readConfig: () => Config,
  start: (service: Service<Config>) => Promise<Started>,
): Promise<number> {
  allocateAllObjectsYoung();
  try {
    await run(name, readConfig(), start);
    return 0;
  } catch (error) {
    console.error(`${name}: ${describeStartFailure(error)}`);
    return 1;
  }
}

type Failure = Readonly<{ err: Error; part: string }>;

async function run<Config extends ServiceConfig>(
  name: string,
  config: Config,
  start: (service: Service<Config>) => Promise<Started>,
): Promise<void> {
  const stopReason = stopRequested();
  const describeFault = createFaultDescriber(config);
  const logger = createLogger(name, config.logLevel, { format: config.logFormat, describeFault });
  const shutdown = createShutdown(logger);
  const metrics = createMetrics();
  const kindOf = ({ err, part }: Failure) => {
    const description = describeFault(err);
    return description === undefined ? `${part} ${errorCode(err)}` : kindOfFault(description);
  };
  const warn = createThrottle(
    (failure: Failure) => logger.warn(failure, "a connection or a job failed; it is tried again"),
    { kindOf },
  );
  const warnOf = (part: string) => (err: Error) => warn({ err, part });
  const connection = {
    url: config.databaseUrl,
    applicationName: `onsale-${name}`,
    sessions: new ProcessSessions(),
  };
  let isStopping = false;

  await migrate(config.databaseUrl);
  const isUsable = await createReadinessCheck();

  const service: Service<Config> = {
    config,
    logger,
    metrics,
    connection,
    warnOf,
    onStop: shutdown.add,
    openDatabase: (part, options) => {
      const db = createDatabase({ ...connection, onIdleError: warnOf(part), ...options });
      shutdown.add(part, () => db.destroy());
      return db;
    },
    openQueueSource: async (options) => {
      if (config.redisUrls !== undefined) return { kind: "redis", urls: config.redisUrls };
      const part = "queue connections";
      const pool = createPool({ ...connection, settings: queueSettings, onIdleError: warnOf(part), ...options });
      shutdown.add(part, () => pool.end());
      const source: QueueSource = { kind: "postgres", pool };
      await prepareQueues(source);
      return source;
    },
    isReady: async (db) => !isStopping && (await isUsable(db)),
  };

  const started = await start(service);
  const opsUrl = await startOperations(name, service, started);
  reportReady(started.url ?? opsUrl ?? "");

  logger.info({ reason: await stopReason }, "stopping");
  isStopping = true;
  await started.onStopping?.();
  await shutdown.run();
}

/** Starts the metrics server and the process reports. */
async function startOperations(
  name: string,
  { config, logger, metrics, onStop, warnOf }: Service<ServiceConfig>,
  { isReady, db, onReportError = warnOf("process reports") }: Started,
): Promise<string | undefined> {
  let url: string | undefined;
  if (config.metricsPort !== undefined) {
    const server = await startOpsServer({ host: config.metricsHost, port: config.metricsPort }, metrics, isReady);
    onStop("metrics server", server.close);
    logger.info(`metrics of this process at ${server.url}/metrics`);
    url = server.url;
  }
  const reports = startProcessReports(name, metrics, processLog(db), onReportError);
  onStop("process reports", reports.close);
  return url;
}
