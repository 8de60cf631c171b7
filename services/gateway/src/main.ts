// The gateway process: its parts, each followed by how it is closed.
import { catalogueChannel, decidedChannel } from "@onsale/database/channels";
import { createListener } from "@onsale/database/listen";
import { summarisePending } from "@onsale/database/statements/allocation/summarise-pending";
import { registerInstallationGauges } from "@onsale/observability/installation-gauges";
import { allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { runService, type Service, type Started } from "@onsale/service/run-service";
import { createAccessRules } from "./access/guard-routes.ts";
import { createStreamKeys } from "./access/stream-keys.ts";
import { buildApp } from "./app.ts";
import { startConfiguredAuditor } from "./audit/auditor.ts";
import { createCatalogue } from "./catalogue/catalogue.ts";
import { createOrderReader } from "./catalogue/order-reader.ts";
import { findConnectionsPerAddressMax, type GatewayConfig, readConfig } from "./config.ts";
import { createArrivals } from "./dispatch/arrivals.ts";
import { createEnqueuer } from "./dispatch/enqueuer.ts";
import { listenBacklog } from "./http/http-server.ts";
import { createLameDuck } from "./http/lame-duck.ts";
import { createFairConnections } from "./lists/fair-connections.ts";
import { createLists } from "./lists/lists.ts";
import { openPools, queueConnectionCountMax } from "./pools.ts";
import { createIntake } from "./purchase/intake.ts";
import { createPurchase } from "./purchase/purchase.ts";
import { createRecorder } from "./purchase/recorder.ts";
import { createSoldOut } from "./purchase/sold-out.ts";
import { createDecisions } from "./results/decisions.ts";
import { createQueueEstimates } from "./results/queue-estimates.ts";
import { createSaleStreams } from "./results/sale-streams.ts";
import { createWaitSlots, registerWaitSlotGauges } from "./results/wait-slots.ts";
import { createWaiters } from "./results/waiters.ts";
import { createDeliveries } from "./webhooks/deliveries.ts";
import { createWebhooks } from "./webhooks/webhooks.ts";

async function start(service: Service<GatewayConfig>): Promise<Started> {
  const { config, connection, logger, metrics, onStop, warnOf } = service;

  const { readDb, db, listDb, intakeDb, auditDb } = openPools(service);

  const queueSource = await service.openQueueSource({ connectionCountMax: queueConnectionCountMax });
  const producer = openProducer(queueSource, allocateLanes(config.partitions), warnOf("queue producer"));
  onStop("queue producer", producer.close);
  const summarise = () => summarisePending(readDb);
  registerInstallationGauges(metrics, { summarisePending: summarise, countJobs: producer.countJobs });

  const decisions = createDecisions();
  const arrivals = createArrivals(readDb, (err) => logger.debug({ err }, "an arrival could not be announced"));
  onStop("arrivals", arrivals.close);
  const partitionCount = config.partitions;
  const enqueuer = createEnqueuer({ producer, partitionCount, decisions, arrivals, metrics, logger });
  onStop("enqueuer", enqueuer.close);
  const orderReader = createOrderReader(readDb);
  const waiters = createWaiters(orderReader, decisions);
  const queueEstimates = createQueueEstimates(readDb, decisions);
  const saleStreams = createSaleStreams(readDb, decisions, queueEstimates.decidedPerSecond);
  const soldOut = createSoldOut(readDb, decisions, config.soldOut === "refuse");
  onStop("sold-out ticket types", soldOut.close);
  const auditor = startConfiguredAuditor(service, auditDb, decisions);
  onStop("auditor", auditor.close);

  const recorder = createRecorder(intakeDb, metrics, (eventId, count, lastSeq) => {
    enqueuer.wake(eventId, lastSeq);
    queueEstimates.noteAccepted(eventId, count, lastSeq);
  });
  const intake = createIntake(recorder, metrics);
  onStop("intake", intake.close);

  const catalogue = createCatalogue(readDb, () => listener.isListening());
  const listener = createListener({
    ...connection,
    handlers: {
      [decidedChannel]: decisions.onAnnounced,
      [catalogueChannel]: catalogue.onChanged,
      ...auditor.handlers,
    },
    onListening: () => {
      catalogue.forgetAll();
      waiters.checkAll();
    },
    onLost: warnOf("listener"),
  });
  onStop("listener", listener.close);

  const access = createAccessRules(config, readDb);
  onStop("API keys", async () => access.keys?.close());
  const streamKeys = createStreamKeys(access.keys);
  onStop("keys of streams", streamKeys.close);

  const purchase = createPurchase({ catalogue, soldOut, orderReader, intake, metrics });
  const webhookAllowPrivate = config.webhookAllowPrivate === "1";
  const webhooks = createWebhooks({ db, catalogue, webhookKey: config.webhookKey, webhookAllowPrivate });
  const fairConnections = createFairConnections(listDb, config.auth === "keys");
  const lists = createLists(fairConnections);
  const deliveries = createDeliveries(db, fairConnections, webhooks);
  const accountSlotsMax = config.auth === "keys" ? Math.ceil(config.waitersMax / 2) : config.waitersMax;
  const waitSlots = createWaitSlots(config.waitersMax, accountSlotsMax);
  registerWaitSlotGauges(metrics, waitSlots, config.waitersMax);
  const { waitSecondsMax } = config;
  const waiting = { waiters, waitSlots, waitSecondsMax, saleStreams };
  const selling = { purchase, orderReader, soldOut, queueEstimates, ...waiting };
  const isReady = () => service.isReady(readDb);
  const lameDuck = createLameDuck(config.drainSeconds);
  const app = await buildApp(
    { db, auditDb, lists, catalogue, ...selling, streamKeys, webhooks, deliveries, metrics, logger, isReady, lameDuck },
    {
      ...access,
      trustProxy: config.trustProxy,
      connectionsMax: config.connectionsMax,
      connectionsPerAddressMax: findConnectionsPerAddressMax(config),
      keepAliveSeconds: config.keepAliveSeconds,
    },
  );
  onStop("HTTP server", () => app.close());
  const reusePort = config.sharePort === "on";
  const address = { host: config.host, port: config.port, backlog: listenBacklog, reusePort };
  const url = await app.listen({ ...address, listenTextResolver: (text) => `gateway listens on ${text}` });

  return { url, isReady, db, onStopping: lameDuck.begin };
}

process.exit(await runService("gateway", readConfig, start));
