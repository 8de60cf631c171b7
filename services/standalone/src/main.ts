// `npm start`: runs PostgreSQL and all services as children of this process. It starts them in order, restarts those
// that die, and stops them in reverse order.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { countConnections } from "@onsale/database/connection/connection-budget";
import { migrate } from "@onsale/database/migrate";
import { createShutdown, type Shutdown } from "@onsale/lifecycle/shutdown";
import { createLogger, type Logger } from "@onsale/observability/logger";
import { runFiles } from "@onsale/service/running-installation";
import { describeStartFailure, parentEnded, stopRequested } from "@onsale/service/supervision";
import { announce } from "./announce.ts";
import { type ChildSpec, childStopMaxMs, startChild } from "./child.ts";
import { inheritedEnvironment, isStartedByNpm, readConfig, type StandaloneConfig } from "./config.ts";
import { createDemoEvent } from "./demo-event.ts";
import { findSecrets } from "./kept-secrets.ts";
import { choosePorts } from "./ports.ts";
import { keeperFile } from "./postgres/keeper.ts";
import { preparePostgres } from "./postgres/prepare.ts";
import { takeRunFolder } from "./run-folder.ts";
import { servicesFolder, startServices } from "./start-services.ts";

/** For people, and for programs that they run beside the services. */
const spareConnections = 20;

async function main(config: StandaloneConfig): Promise<void> {
  const stopReason = stopRequested();
  const logger = createLogger("standalone", config.logLevel, { format: config.logFormat });
  const shutdown = createShutdown(logger);
  try {
    const stop = isStartedByNpm() ? Promise.race([stopReason, parentEnded()]) : stopReason;
    // The stop can be requested in the middle of the start.
    await Promise.race([start(config, logger, shutdown), stop]);
    logger.info({ reason: await stop }, "stopping");
  } finally {
    await shutdown.run();
  }
}

async function start(config: StandaloneConfig, logger: Logger, shutdown: Shutdown): Promise<void> {
  const ports = await choosePorts(config);

  const dataDir = resolve(config.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const runFolder = await takeRunFolder(dataDir, servicesFolder);
  shutdown.add("run folder", runFolder.release);

  const addStop = createStops(shutdown);
  const startAndWait = (spec: ChildSpec): Promise<string> => {
    const child = startChild(spec, {
      onStart: runFolder.writePid,
      onDeath: (name, how) => logger.warn({ child: name, how }, "a child died; it is restarted"),
    });
    const stop = async () => {
      await child.stop();
      runFolder.removePid(spec.name);
    };
    addStop(spec.name.replace(/-\d+$/, ""), stop);
    return child.ready;
  };

  const databaseUrl = config.databaseUrl ?? (await startPostgres(config, dataDir, startAndWait));
  await migrate(databaseUrl);
  await createDemoEvent(databaseUrl);
  runFolder.writeSecret(runFiles.databaseUrl, `${databaseUrl}\n`);

  const secrets = findSecrets(config, dataDir);
  const urls = await startServices({ config, databaseUrl, secrets, ports, start: startAndWait });
  runFolder.write(runFiles.gatewayUrl, `${urls.gateway}\n`);
  announce({ config, dataDir, secrets, urls });
}

/** Returns a function that registers how to stop a child. Each kind of children is one part of the shutdown. */
function createStops(shutdown: Shutdown): (kind: string, stop: () => Promise<void>) => void {
  const stopsByKind = new Map<string, (() => Promise<void>)[]>();
  return (kind, stop) => {
    const stops = stopsByKind.get(kind) ?? [];
    stops.push(stop);
    if (stopsByKind.has(kind)) return;
    stopsByKind.set(kind, stops);
    shutdown.add(kind, () => Promise.all(stops.map((one) => one())), childStopMaxMs + 5_000);
  };
}

/** @returns the URL of the database */
async function startPostgres(
  config: StandaloneConfig,
  dataDir: string,
  startAndWait: (keeper: ChildSpec) => Promise<string>,
): Promise<string> {
  const connectionCountMax = countConnections(config) + spareConnections;
  const { url, server } = await preparePostgres(dataDir, { max_connections: String(connectionCountMax) });
  await startAndWait({
    name: "postgres-1",
    file: keeperFile,
    arguments: [JSON.stringify(server)],
    environment: inheritedEnvironment(),
  });
  return url;
}

try {
  await main(readConfig());
  process.exit(0);
} catch (error) {
  console.error(`Onsale cannot start: ${describeStartFailure(error)}`);
  process.exit(1);
}
