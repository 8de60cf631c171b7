import { webhooksChannel } from "@onsale/database/channels";
import { createListener } from "@onsale/database/listen";
import { oldestUndeliveredAge } from "@onsale/database/statements/deliveries/oldest-undelivered";
import {
  registerJobGauge,
  registerRestrictionGauge,
  registerUndeliveredGauge,
} from "@onsale/observability/installation-gauges";
import { openConsumer } from "@onsale/queue/consumer";
import { deliverLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { restrictionKinds } from "@onsale/queue/restrictions";
import { runService, type Service, type Started } from "@onsale/service/run-service";
import { createAttempter } from "./attempter.ts";
import { type NotifierConfig, readConfig } from "./config.ts";
import { createDeliverer } from "./deliverer.ts";
import { createPoster } from "./poster.ts";
import { startRelay } from "./relay.ts";

/** Endpoints that one process serves at the same time; nearly all of that time it waits for the receivers. */
const endpointConcurrency = 100;
const connectionCountMax = 5;
const queueConnectionCountMax = 4;
/** Longer than one attempt takes (poster.ts): a running attempt is finished, so that it need not be repeated. */
const attemptEndMaxMs = 20_000;

async function start(service: Service<NotifierConfig>): Promise<Started> {
  const { config, connection, logger, metrics, onStop, warnOf } = service;

  const db = service.openDatabase("connections", { connectionCountMax });
  registerUndeliveredGauge(metrics, () => oldestUndeliveredAge(db));

  const queueSource = await service.openQueueSource({ connectionCountMax: queueConnectionCountMax });
  const producer = openProducer(queueSource, deliverLanes, warnOf("queue producer"));
  onStop("queue producer", producer.close);
  registerJobGauge(metrics, producer.countJobs);
  registerRestrictionGauge(metrics, producer.readRestrictions, restrictionKinds);

  const poster = createPoster({ allowPrivate: config.webhookAllowPrivate === "1" });
  onStop("connections to receivers", poster.close);

  const options = { key: config.webhookKey, schedule: config.webhookRetrySchedule };
  const deliverer = createDeliverer(db, createAttempter(db, poster, options, metrics, logger));
  const consumer = openConsumer(queueSource, {
    lanes: deliverLanes,
    concurrency: endpointConcurrency,
    handle: (job) => deliverer.serve(job.endpointId, () => producer.enqueue(job)),
    onError: warnOf("queue consumer"),
  });
  onStop("queue consumer", consumer.close, attemptEndMaxMs);

  const relay = startRelay(db, producer, config.webhookRetrySchedule[0] ?? 0, warnOf("relay"));
  onStop("relay", relay.close);

  const listener = createListener({
    ...connection,
    handlers: { [webhooksChannel]: relay.onAnnounced },
    onListening: () => relay.onAnnounced(""),
    onLost: warnOf("listener"),
  });
  onStop("listener", listener.close);

  return { isReady: () => service.isReady(db), db, onStopping: deliverer.stop };
}

process.exit(await runService("notifier", readConfig, start));
