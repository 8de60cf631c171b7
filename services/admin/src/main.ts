// The admin process: its parts, each followed by how it is closed.
import { decidedChannel, parseDecided } from "@onsale/database/announcements/channels";
import { createListener } from "@onsale/database/announcements/listen";
import { transitionSettings } from "@onsale/database/transitions/apply-transitions";
import { partitionOf } from "@onsale/domain/bucket";
import { openBoards } from "@onsale/queue/boards";
import { allocateLanes, deliverLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { keyDigest } from "@onsale/security/customer-hash";
import { runService, type Service, type Started } from "@onsale/service/run-service";
import { requireSharedKey } from "@onsale/service/shared-key";
import { createPostsStopped } from "@onsale/service/stop-posts";
import { createLoginGuard } from "./access/login-guard.ts";
import { createSessions } from "./access/sessions.ts";
import { buildApp } from "./app.ts";
import { type AdminConfig, readConfig } from "./config.ts";
import { createConsoleState } from "./console/console-state.ts";
import { createEventReader } from "./console/event-reader.ts";
import { createHistoryReader } from "./console/history-reader.ts";
import { createNames } from "./console/names.ts";
import { startPoller } from "./console/poller.ts";
import { createStreamClients } from "./console/stream-clients.ts";
import { createFailureLog } from "./errors/database-failures.ts";
import { createCodeChanges } from "./events/code-changes.ts";
import { createEventAudits } from "./events/event-audits.ts";
import { createChangeEvent, createEventChanges } from "./events/event-changes.ts";
import { createStockChanges } from "./events/stock-changes.ts";
import { createKeyChanges } from "./keys/key-changes.ts";
import { createOrderChanges } from "./orders/order-changes.ts";
import { createWebhookChanges } from "./webhooks/webhook-changes.ts";

const connectionCountMax = 5;
/** For searches and single orders. They have connections of their own, so that slow ones cannot delay the stream. */
const lookupConnectionCountMax = 2;
/** One order or event is changed at a time, and none waits for a lock for more than a second. */
const changeConnectionCountMax = 1;
/** One audit at a time; it reads all orders of an event. */
const auditConnectionCountMax = 1;
const auditStatementMaxMs = 60_000;
const queueConnectionCountMax = 3;

async function start(service: Service<AdminConfig>): Promise<Started> {
  const { config, connection, logger, metrics, onStop } = service;
  const logFailure = createFailureLog(logger);
  const failureOf = (part: string) => (error: Error) => logFailure(error, part);

  const db = service.openDatabase("connections", { connectionCountMax, onIdleError: failureOf("connections") });
  const lookupDb = service.openDatabase("look-up connections", {
    connectionCountMax: lookupConnectionCountMax,
    onIdleError: failureOf("look-up connections"),
  });
  const changeDb = service.openDatabase("connections for changes", {
    connectionCountMax: changeConnectionCountMax,
    settings: transitionSettings,
    onIdleError: failureOf("connections for changes"),
  });

  const auditDb = service.openDatabase("audit connections", {
    connectionCountMax: auditConnectionCountMax,
    statementTimeoutMs: auditStatementMaxMs,
    onIdleError: failureOf("audit connections"),
  });

  const queueSource = await service.openQueueSource({
    connectionCountMax: queueConnectionCountMax,
    onIdleError: failureOf("queue connections"),
  });
  const { partitions } = config;
  const queues = [...allocateLanes(partitions).queues, ...deliverLanes.queues];
  const boards = openBoards(queueSource, queues, failureOf("queues"));
  onStop("queues", boards.close);
  const producer = openProducer(queueSource, allocateLanes(partitions), failureOf("queue producer"));
  onStop("queue producer", producer.close);
  const enqueue = (eventId: number) => producer.enqueue({ partition: partitionOf(eventId, partitions) });

  const names = createNames(db, failureOf("names"));
  const eventReader = createEventReader(db, lookupDb, names);
  const listener = createListener({
    ...connection,
    handlers: {
      [decidedChannel]: (payload) => {
        for (const decided of parseDecided(payload)) eventReader.noteDecided(decided);
      },
    },
    onListening: () => undefined,
    onLost: failureOf("listener"),
  });
  onStop("listener", listener.close);

  await requireSharedKey(lookupDb, "CUSTOMER_KEY", config.customerKey && keyDigest(config.customerKey));
  const retries = metrics.counter("db_transaction_retries_total");
  const changeOne = createChangeEvent(changeDb, metrics);
  const state = createConsoleState();
  const streamClients = createStreamClients(state);
  const poller = startPoller({ db, boards, eventReader, state, streamClients }, logFailure);
  onStop("poller", poller.close);

  const app = await buildApp({
    lookupDb,
    boards,
    names,
    eventReader,
    historyReader: createHistoryReader(lookupDb),
    eventAudits: createEventAudits(lookupDb, auditDb, metrics, failureOf("audits")),
    orderChanges: createOrderChanges(changeDb, metrics, enqueue, failureOf("announcements of changed orders")),
    eventChanges: createEventChanges(changeDb, changeOne, config.customerKey !== undefined),
    stockChanges: createStockChanges(changeDb, changeOne),
    codeChanges: createCodeChanges(changeDb, changeOne, config.customerKey),
    webhookChanges: createWebhookChanges({
      db: changeDb,
      // Not on the connection for changes, which a wait of seconds would block.
      untilPostsStopped: createPostsStopped(lookupDb),
      onRetry: (sqlstate) => retries.inc({ sqlstate }),
    }),
    keyChanges: createKeyChanges(changeDb),
    streamClients,
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

  return { url, isReady: () => service.isReady(db), db, onReportError: failureOf("process reports") };
}

process.exit(await runService("admin", readConfig, start));
