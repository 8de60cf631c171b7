import { decidedChannel, parseDecided } from "@onsale/database/channels";
import { createListener } from "@onsale/database/listen";
import { openBoards } from "@onsale/queue/boards";
import { allocateLanes, deliverLanes } from "@onsale/queue/lanes";
import { runService, type Service, type Started } from "@onsale/service/run-service";
import { createLoginGuard } from "./access/login-guard.ts";
import { createSessions } from "./access/sessions.ts";
import { buildApp } from "./app.ts";
import { type AdminConfig, readConfig } from "./config.ts";
import { createDisplay } from "./console/display.ts";
import { createEventBoard } from "./console/event-board.ts";
import { createNames } from "./console/names.ts";
import { startObserver } from "./console/observer.ts";
import { createWatchers } from "./console/watchers.ts";
import { createFailureLog } from "./errors/database-failures.ts";

const connectionCountMax = 5;
/** Searches by people share these, so that no search can stop the console. */
const lookupConnectionCountMax = 2;
const queueConnectionCountMax = 3;

async function start(service: Service<AdminConfig>): Promise<Started> {
  const { config, connection, logger, onStop } = service;
  const logFailure = createFailureLog(logger);
  const onIdleError = (error: Error) => logFailure(error);

  const db = service.openDatabase("connections", { connectionCountMax, onIdleError });
  const lookupDb = service.openDatabase("look-up connections", {
    connectionCountMax: lookupConnectionCountMax,
    onIdleError,
  });

  const queueSource = await service.openQueueSource({ connectionCountMax: queueConnectionCountMax, onIdleError });
  const queues = [...allocateLanes(config.partitions).queues, ...deliverLanes.queues];
  const boards = openBoards(queueSource, queues, onIdleError);
  onStop("queues", boards.close);

  const names = createNames(db, onIdleError);
  const events = createEventBoard(db, lookupDb, names);
  const listener = createListener({
    ...connection,
    handlers: {
      [decidedChannel]: (payload) => {
        for (const decided of parseDecided(payload)) events.noteDecided(decided);
      },
    },
    onListening: () => undefined,
    onLost: onIdleError,
  });
  onStop("listener", listener.close);

  const display = createDisplay();
  const watchers = createWatchers(display);
  const observer = startObserver({ db, boards, events, display, watchers }, logFailure);
  onStop("observer", observer.close);

  const app = await buildApp({
    lookupDb,
    boards,
    names,
    events,
    watchers,
    sessions: createSessions(config.adminPassword),
    loginGuard: createLoginGuard(),
    isReadOnly: config.adminReadOnly === "1",
    logger,
  });
  onStop("HTTP server", () => app.close());
  const url = await app.listen({
    host: config.adminHost,
    port: config.adminPort,
    listenTextResolver: (address) => `admin listens on ${address}`,
  });

  return { url, isReady: () => service.isReady(db), db };
}

process.exit(await runService("admin", readConfig, start));
