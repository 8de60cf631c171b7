import { decidedChannel, parseDecided } from "@onsale/database/channels";
import { createDatabase, createPool } from "@onsale/database/client";
import { createListener } from "@onsale/database/listen";
import { createMigrationCheck, migrate } from "@onsale/database/migrate";
import { processLog } from "@onsale/database/statements/report-process";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { startOpsServer } from "@onsale/observability/ops-server";
import { startProcessReports } from "@onsale/observability/process-report";
import { createShutdown } from "@onsale/observability/shutdown";
import { describeStartFailure, reportReady, stopRequested } from "@onsale/observability/supervision";
import { prepareQueues, type QueueSource, queueSettings } from "@onsale/queue/backend";
import { openBoards } from "@onsale/queue/boards";
import { allocateLanes, deliverLanes } from "@onsale/queue/lanes";
import { createLoginGuard } from "./access/login-guard.ts";
import { createSessions } from "./access/sessions.ts";
import { buildApp } from "./app.ts";
import { type AdminConfig, readConfig } from "./config.ts";
import { createDisplay } from "./console/display.ts";
import { createEventBoard } from "./console/event-board.ts";
import { startObserver } from "./console/observer.ts";
import { createWatchers } from "./console/watchers.ts";
import { createFailureLog } from "./failures.ts";
import { createNames } from "./names.ts";

const connectionCountMax = 5;
/** People who look things up share these, so that no search can stop the console. */
const lookupConnectionCountMax = 2;
const queueConnectionCountMax = 3;

async function main(config: AdminConfig): Promise<void> {
  const stopReason = stopRequested();
  const logger = createLogger("admin", config.logLevel);
  const shutdown = createShutdown(logger);
  const connection = { url: config.databaseUrl, applicationName: "onsale-admin" };
  const logFailure = createFailureLog(logger);
  const warnSeldom = (error: Error) => logFailure(error);

  await migrate(config.databaseUrl);
  const isMigrated = await createMigrationCheck();

  const db = createDatabase({ ...connection, connectionCountMax, onIdleError: warnSeldom });
  shutdown.add("connections", () => db.destroy());

  const lookupDb = createDatabase({
    ...connection,
    connectionCountMax: lookupConnectionCountMax,
    onIdleError: warnSeldom,
  });
  shutdown.add("look-up connections", () => lookupDb.destroy());

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
  const queues = [...allocateLanes(config.partitions).queues, ...deliverLanes.queues];
  const boards = openBoards(queueSource, queues, warnSeldom);
  shutdown.add("queues", boards.close);

  const names = createNames(db, warnSeldom);
  const events = createEventBoard(db, lookupDb, names);
  const listener = createListener({
    ...connection,
    handlers: {
      [decidedChannel]: (payload) => {
        for (const decided of parseDecided(payload)) events.noteDecided(decided);
      },
    },
    onListening: () => undefined,
    onLost: warnSeldom,
  });
  shutdown.add("listener", listener.close);

  const display = createDisplay();
  const watchers = createWatchers(display);
  const observer = startObserver({ db, boards, events, display, watchers }, logFailure);
  shutdown.add("observer", observer.close);

  const sessions = createSessions(config.adminPassword);
  const isReadOnly = config.adminReadOnly === "1";
  const access = { sessions, loginGuard: createLoginGuard(), isReadOnly };
  const app = await buildApp({ lookupDb, boards, names, events, watchers, ...access, logger });
  shutdown.add("HTTP server", () => app.close());
  const url = await app.listen({
    host: config.adminHost,
    port: config.adminPort,
    listenTextResolver: (address) => `admin listens on ${address}`,
  });

  const metrics = createMetrics();
  const opsAddress = { host: config.metricsHost, port: config.metricsPort };
  const opsServer = await startOpsServer(opsAddress, metrics, () => isMigrated(db));
  shutdown.add("metrics server", opsServer.close);
  logger.info(`metrics of this process at ${opsServer.url}/metrics`);

  const reports = startProcessReports("admin", metrics, processLog(db), warnSeldom);
  shutdown.add("process reports", reports.close);
  reportReady(url);

  logger.info({ reason: await stopReason }, "stopping");
  await shutdown.run();
}

try {
  await main(readConfig());
  process.exit(0);
} catch (error) {
  console.error(`admin: ${describeStartFailure(error)}`);
  process.exit(1);
}
