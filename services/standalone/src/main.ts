import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { countConnections } from "@onsale/database/connection-budget";
import { migrate } from "@onsale/database/migrate";
import { createShutdown } from "@onsale/lifecycle/shutdown";
import { createLogger } from "@onsale/observability/logger";
import { describeStartFailure, parentEnded, stopRequested } from "@onsale/service/supervision";
import { type ChildSpec, childStopMaxMs, startChild } from "./child.ts";
import { inheritedEnvironment, isStartedByNpm, readConfig, type StandaloneConfig } from "./config.ts";
import { createDemoEvent } from "./demo-event.ts";
import { findFreePort } from "./free-port.ts";
import { keepAdminPassword, keepWebhookKey } from "./kept-secrets.ts";
import { preparePostgres } from "./postgres.ts";
import { keeperFile } from "./postgres-keeper.ts";
import { takeRunFolder } from "./run-folder.ts";

/** For people, and what they run beside the services. */
const spareConnections = 20;
const usualAdminPort = 8081;

const services = join(import.meta.dirname, "..", "..");

async function main(config: StandaloneConfig): Promise<void> {
  const stopReason = stopRequested();
  const logger = createLogger("standalone", config.logLevel);
  const shutdown = createShutdown(logger);
  try {
    // A stop may be asked for at any time, also half-way through the start.
    const stop = isStartedByNpm() ? Promise.race([stopReason, parentEnded()]) : stopReason;
    await Promise.race([start(config, logger, shutdown), stop]);
    logger.info({ reason: await stop }, "stopping");
  } finally {
    await shutdown.run();
  }
}

async function start(
  config: StandaloneConfig,
  logger: ReturnType<typeof createLogger>,
  shutdown: ReturnType<typeof createShutdown>,
): Promise<void> {
  const port = config.port === 0 ? await findFreePort() : config.port;
  await checkPortIsFree(config.host, port);
  const adminPort = await findAdminPort(config, port);

  const dataDir = resolve(config.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const runFolder = await takeRunFolder(dataDir, services);
  shutdown.add("run folder", runFolder.release);

  const startAndWait = (spec: ChildSpec): Promise<string> => {
    const child = startChild(spec, {
      onStart: runFolder.writePid,
      onDeath: (name, how) => logger.warn({ child: name, how }, "a child died; it is restarted"),
    });
    const stop = async () => {
      await child.stop();
      runFolder.removePid(spec.name);
    };
    shutdown.add(spec.name, stop, childStopMaxMs + 5_000);
    return child.ready;
  };
  const environment = inheritedEnvironment();

  let { databaseUrl } = config;
  if (databaseUrl === undefined) {
    const max_connections = String(countConnections(config) + spareConnections);
    const { url, order } = await preparePostgres(dataDir, { max_connections });
    const keeper = { name: "postgres-1", file: keeperFile, arguments: [JSON.stringify(order)] };
    await startAndWait({ ...keeper, environment });
    databaseUrl = url;
  }
  await migrate(databaseUrl);
  await createDemoEvent(databaseUrl);
  runFolder.writeSecret("database-url", `${databaseUrl}\n`);

  const shared = {
    ...environment,
    DATABASE_URL: databaseUrl,
    PARTITIONS: String(config.partitions),
    LOG_LEVEL: config.logLevel,
    WEBHOOK_SECRET_KEY: config.webhookKey?.toString("base64") ?? keepWebhookKey(dataDir),
    WEBHOOK_ALLOW_PRIVATE: config.webhookAllowPrivate,
    WEBHOOK_RETRY_SCHEDULE: config.webhookRetrySchedule.join(","),
    ...(config.redisUrls === undefined ? {} : { REDIS_URL: config.redisUrls.join(",") }),
  };
  const startAll = (service: "worker" | "notifier", count: number) =>
    numbered(count).map((number) =>
      startAndWait({
        name: `${service}-${number}`,
        file: join(services, service, "src", "main.ts"),
        environment: { ...shared, METRICS_PORT: "0" },
      }),
    );
  const backgroundUrls = [...startAll("worker", config.workers), ...startAll("notifier", config.notifiers)];
  const isShared = config.gateways > 1;
  const gateways = numbered(config.gateways).map(async (number) => {
    // On a shared port a scrape meets any of them, and with AUTH=keys it needs a key, so each has its metrics on a port of
    // its own as well.
    const metricsPort = isShared || config.auth === "keys" ? await findFreePort() : undefined;
    const url = await startAndWait({
      name: `gateway-${number}`,
      file: join(services, "gateway", "src", "main.ts"),
      environment: {
        ...shared,
        ...{ HOST: config.host, PORT: String(port), AUTH: config.auth },
        ...(isShared ? { SHARE_PORT: "on" } : {}),
        ...(metricsPort === undefined ? {} : { METRICS_PORT: String(metricsPort) }),
      },
    });
    return { url, metricsUrl: metricsPort === undefined ? url : `http://127.0.0.1:${metricsPort}` };
  });
  const adminMetricsPort = await findFreePort();
  const admin = startAndWait({
    name: "admin-1",
    file: join(services, "admin", "src", "main.ts"),
    environment: {
      ...shared,
      ADMIN_HOST: config.adminHost,
      ADMIN_PORT: String(adminPort),
      ADMIN_PASSWORD: config.adminPassword ?? keepAdminPassword(dataDir),
      ADMIN_READ_ONLY: config.adminReadOnly,
      METRICS_PORT: String(adminMetricsPort),
    },
  });
  const otherUrls = await Promise.all(backgroundUrls);
  const gatewayUrls = await Promise.all(gateways);
  const adminMetricsUrl = `http://127.0.0.1:${adminMetricsPort}`;
  const metricsUrls = [...gatewayUrls.map((gateway) => gateway.metricsUrl), ...otherUrls, adminMetricsUrl];
  announce(config, { gatewayUrl: gatewayUrls[0]?.url ?? "", adminUrl: await admin, metricsUrls, dataDir });
}

type Places = Readonly<{ gatewayUrl: string; adminUrl: string; metricsUrls: readonly string[]; dataDir: string }>;

function announce({ webhookAllowPrivate, auth, adminPassword }: StandaloneConfig, places: Places): void {
  const { gatewayUrl, adminUrl, metricsUrls, dataDir } = places;
  const password = adminPassword === undefined ? keepAdminPassword(dataDir) : "as ADMIN_PASSWORD says";
  const webhookTargets =
    webhookAllowPrivate === "1"
      ? "to https and http, this machine and private networks too (WEBHOOK_ALLOW_PRIVATE=0 forbids it)"
      : "to public https addresses only";
  const callers =
    auth === "keys"
      ? "with an API key; make one with: npm run onsale -- keys create --name NAME"
      : "everybody on this machine (AUTH=keys asks for API keys)";
  console.log(`
  Live console   ${adminUrl}  (user admin, password ${password})
  Queues         ${adminUrl}/queues/
  API docs       ${gatewayUrl}/docs
  Metrics        ${metricsUrls.map((url) => `${url}/metrics`).join("\n                 ")}
  Callers        ${callers}
  Webhooks       ${webhookTargets}
  Database       psql "$(cat ${join(dataDir, "run", "database-url")})"
  Data           ${dataDir}
  Stop           Ctrl-C
`);
  console.log(`Onsale is ready at ${gatewayUrl}`);
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/**
 * The admin service's port: the one that was asked for, else the usual one, or a free one when that is taken, because
 * nobody's sale should wait for a port that nobody asked for.
 *
 * @throws the error of listening
 */
async function findAdminPort({ adminHost, adminPort }: StandaloneConfig, gatewayPort: number): Promise<number> {
  if (adminPort === 0) return findFreePort();
  if (adminPort !== undefined) {
    if (adminPort === gatewayPort) throw new Error(`ADMIN_PORT and PORT are both ${adminPort}; choose another one`);
    await checkPortIsFree(adminHost, adminPort);
    return adminPort;
  }
  const isFree = checkPortIsFree(adminHost, usualAdminPort).then(
    () => usualAdminPort !== gatewayPort,
    () => false,
  );
  return (await isFree) ? usualAdminPort : findFreePort();
}

/**
 * Several gateways may share a port, and so would those of another installation, unnoticed: so this asks first.
 *
 * @throws the error of listening
 */
function checkPortIsFree(host: string, port: number): Promise<void> {
  return new Promise((resolveFree, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => server.close(() => resolveFree()));
  });
}

try {
  await main(readConfig());
  process.exit(0);
} catch (error) {
  console.error(`Onsale cannot start: ${describeStartFailure(error)}`);
  process.exit(1);
}
