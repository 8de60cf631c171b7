// The gateway process: its parts, each followed by how it is closed.
import { catalogueChannel, decidedChannel } from "@onsale/database/announcements/channels";
import { createListener } from "@onsale/database/announcements/listen";
import { summarisePending } from "@onsale/database/statements/pending/summarise-pending";
import { registerInstallationGauges } from "@onsale/observability/installation-gauges";
import { allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { runService, type Service, type Started } from "@onsale/service/run-service";
import { createAccessRules } from "./access/guard-routes.ts";
import { createGuessLimit } from "./access/guess-limit.ts";
import { createStreamKeys } from "./access/stream-keys.ts";
import { buildApp } from "./app.ts";
import { startConfiguredAuditor } from "./audit/auditor.ts";
import { createBookConnections } from "./books/book-connections.ts";
import { createCatalogue } from "./catalogue/catalogue.ts";
import { createOrderReader } from "./catalogue/order-reader.ts";
import { createStockReader } from "./catalogue/stock-reader.ts";
import { type GatewayConfig, httpOptions, readConfig } from "./config.ts";
import { createConfiguredCustomers } from "./customers/forget.ts";
import { createArrivals } from "./dispatch/arrivals.ts";
import { createEnqueuer } from "./dispatch/enqueuer.ts";
import { listenBacklog } from "./http/http-server.ts";
import { createLameDuck } from "./http/lame-duck.ts";
import { createFairConnections } from "./lists/fair-connections.ts";
import { createLists } from "./lists/lists.ts";
import { openPools, queueConnectionCountMax } from "./pools.ts";
import { openPurchases } from "./purchase/open-purchases.ts";
import { createDecisions } from "./results/decisions.ts";
import { createOrderPlaces } from "./results/order-places.ts";
import { createQueueEstimates } from "./results/queue-estimates.ts";
import { createSaleStreams } from "./results/sale-streams.ts";
import { createConfiguredWaitSlots } from "./results/wait-slots.ts";
import { createWaiters } from "./results/waiters.ts";
import { createWaitlistPlaces } from "./results/waitlist-places.ts";
import { createChanging } from "./transitions/changing.ts";
import { createDeliveries } from "./webhooks/deliveries.ts";
import { createConfiguredWebhooks } from "./webhooks/webhooks.ts";

async function start(service: Service<GatewayConfig>): Promise<Started> {
  const { config, connection, logger, metrics, onStop, warnOf } = service;

  const { readDb, db, listDb, intakeDb, transitionDb, auditDb } = openPools(service);

  const queueSource = await service.openQueueSource({ connectionCountMax: queueConnectionCountMax });
  const producer = openProducer(queueSource, allocateLanes(config.partitions), warnOf("queue producer"));
  onStop("queue producer", producer.close);
  const { countJobs } = producer;
  registerInstallationGauges(metrics, { summarisePending: () => summarisePending(readDb), countJobs });

  const decisions = createDecisions();
  const arrivals = createArrivals(readDb, (err) => logger.debug({ err }, "an arrival could not be announced"));
  onStop("arrivals", arrivals.close);
  const dispatching = { producer, partitionCount: config.partitions, decisions, arrivals };
  const enqueuer = createEnqueuer({ ...dispatching, metrics, logger });
  onStop("enqueuer", enqueuer.close);
  const orderReader = createOrderReader(readDb);
  const waiters = createWaiters(orderReader, decisions);
  const queueEstimates = createQueueEstimates(readDb, decisions);
  const orderPlaces = createOrderPlaces(queueEstimates, createWaitlistPlaces(readDb));
  const stockReader = createStockReader(db);
  const auditor = startConfiguredAuditor(service, auditDb, decisions);
  onStop("auditor", auditor.close);

  const changing = createChanging(service, { transitionDb, readDb, enqueuer, waiters });

  const catalogue = createCatalogue(readDb, () => listener.isListening());
  const listener = createListener({
    ...connection,
    handlers: {
      [decidedChannel]: decisions.onAnnounced,
      [catalogueChannel]: catalogue.onChanged,
      ...changing.changeHandlers,
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

  const known = { catalogue, orderReader, stockReader, decisions, queueEstimates };
  const onCommitted = (eventId: number, count: number, lastSeq: number) => {
    enqueuer.wake(eventId, lastSeq);
    queueEstimates.noteAccepted(eventId, count, lastSeq);
  };
  const purchases = await openPurchases(service, { db, readDb, intakeDb, ...known, onCommitted });
  const { clock } = purchases;
  const saleStreams = createSaleStreams(readDb, { stockReader, decisions, clock, queueEstimates });
  const webhooks = createConfiguredWebhooks(config, db, catalogue);
  const fairConnections = createFairConnections(listDb, config.auth === "keys");
  const lists = createLists(fairConnections);
  const bookConnections = createBookConnections(fairConnections);
  const deliveries = createDeliveries(db, fairConnections, webhooks);
  const customers = createConfiguredCustomers(service, db);
  const waitSlots = createConfiguredWaitSlots(config, metrics);
  const waiting = { waiters, waitSlots, waitSecondsMax: config.waitSecondsMax, saleStreams };
  const selling = { ...purchases, orderReader, stockReader, orderPlaces, ...changing, ...waiting };
  const reading = { lists, bookConnections, deliveries, customers, catalogue, webhooks, streamKeys };
  const guesses = createGuessLimit(config.auth === "keys");
  const isReady = () => service.isReady(readDb);
  const lameDuck = createLameDuck(config.drainSeconds);
  const app = await buildApp(
    { db, auditDb, guesses, ...reading, ...selling, metrics, logger, isReady, lameDuck },
    { ...access, ...httpOptions(config) },
  );
  onStop("HTTP server", () => app.close());
  const { host, port, sharePort } = config;
  const address = { host, port, backlog: listenBacklog, reusePort: sharePort === "on" };
  const url = await app.listen({ ...address, listenTextResolver: (text) => `gateway listens on ${text}` });
  return { url, isReady, db, onStopping: lameDuck.begin };
}

process.exit(await runService("gateway", readConfig, start));
