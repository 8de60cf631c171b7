import { webhookStopsChannel, webhooksChannel } from "@onsale/database/announcements/channels";
import { createListener } from "@onsale/database/announcements/listen";
import { createSharedLocks } from "@onsale/database/shared-locks";
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
import { type NotifierConfig, readConfig } from "./config.ts";
import { createAttempter } from "./posting/attempter.ts";
import { createPoster } from "./posting/poster.ts";
import { startRelay } from "./relaying/relay.ts";
import { createDeliverer } from "./serving/deliverer.ts";
import { createPostSlots } from "./serving/post-slots.ts";

/** Posts that one process has in flight at the same time; nearly all of that time it waits for the receivers. */
const postCountMax = 512;
const connectionCountMax = 4;
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

  const warnOfLocks = warnOf("endpoint locks");
  const locks = createSharedLocks({
    ...connection,
    onLost: (error) => {
      deliverer.stopAll();
      warnOfLocks(error);
    },
  });
  onStop("endpoint locks", locks.close);
  const options = { key: config.webhookKey, schedule: config.webhookRetrySchedule };
  const attempt = createAttempter(db, poster, options, metrics, logger);
  const slots = createPostSlots(postCountMax);
  const deliverer = createDeliverer(db, attempt, { locks, slots, inFlightMax: config.webhookInFlightMax });

  const relay = startRelay(db, producer, config.webhookRetrySchedule[0] ?? 0, warnOf("relay"));
  onStop("relay", relay.close);

  // It closes after the consumer, whose attempts may last some seconds: until then they can be stopped.
  const warnOfListener = warnOf("listener");
  const listener = createListener({
    ...connection,
    handlers: { [webhooksChannel]: relay.onAnnounced, [webhookStopsChannel]: deliverer.stopEndpoint },
    onListening: () => {
      relay.onAnnounced("");
      deliverer.stopUnheard().catch(warnOfListener);
    },
    onLost: warnOfListener,
  });
  onStop("listener", listener.close);

  const consumer = openConsumer(queueSource, {
    lanes: deliverLanes,
    // Each endpoint that is served has a post in flight, so that there is a job for every endpoint that gets a slot.
    concurrency: postCountMax,
    handle: (job) => deliverer.serve(job.endpointId, () => producer.enqueue(job)),
    onError: warnOf("queue consumer"),
  });
  onStop("queue consumer", consumer.close, attemptEndMaxMs);

  return { isReady: () => service.isReady(db), db, onStopping: deliverer.stop };
}

process.exit(await runService("notifier", readConfig, start));
