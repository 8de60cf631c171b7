import { indexPlans } from "@onsale/database/index-plans";
import { createSnapshotAges } from "@onsale/database/snapshot-ages";
import { summariseHolds } from "@onsale/database/statements/allocation/summarise-holds";
import { countRemaining } from "@onsale/database/statements/cancellations/read-cancellation";
import { summarisePending } from "@onsale/database/statements/pending/summarise-pending";
import { summariseWaiting } from "@onsale/database/statements/waiting-list/summarise-waiting";
import { bucketsOf } from "@onsale/domain/bucket";
import {
  registerCancellationGauge,
  registerHoldGauges,
  registerInstallationGauges,
  registerRestrictionGauge,
  registerSnapshotGauge,
  registerWaitlistGauges,
} from "@onsale/observability/installation-gauges";
import { openConsumer } from "@onsale/queue/consumer";
import { type AllocateJob, allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { restrictionKinds } from "@onsale/queue/restrictions";
import { createCustomerHash, keyDigest } from "@onsale/security/customer-hash";
import { runService, type Service, type Started } from "@onsale/service/run-service";
import { requireSharedKey } from "@onsale/service/shared-key";
import { createAllocator, defaultPace } from "./allocator.ts";
import { listenForWork } from "./arrivals.ts";
import { startCancellations } from "./cancellations.ts";
import { readConfig, type WorkerConfig } from "./config.ts";
import { startEndedSales } from "./ended-sales.ts";
import { logFailedReturns } from "./log-failed-returns.ts";
import { startReconciler } from "./reconciler.ts";
import { startReturns } from "./returns.ts";
import { createTurns } from "./turns.ts";

/** A partition is one lane: its jobs run one after the other. */
const concurrencyPerPartition = 1;
const sparePoolConnections = 4;

async function start(service: Service<WorkerConfig>): Promise<Started> {
  const { config, connection, logger, metrics, onStop, warnOf } = service;
  const { partitions } = config;

  const db = service.openDatabase("connections", {
    connectionCountMax: partitions * concurrencyPerPartition + sparePoolConnections,
    settings: indexPlans,
  });

  // BullMQ keeps one connection for each partition to listen on.
  const queueSource = await service.openQueueSource({ connectionCountMax: partitions + sparePoolConnections });
  const lanes = allocateLanes(partitions);
  const producer = openProducer(queueSource, lanes, warnOf("queue producer"));
  onStop("queue producer", producer.close);
  registerInstallationGauges(metrics, { summarisePending: () => summarisePending(db), countJobs: producer.countJobs });
  registerHoldGauges(metrics, () => summariseHolds(db));
  registerWaitlistGauges(metrics, () => summariseWaiting(db));
  registerCancellationGauge(metrics, () => countRemaining(db));
  registerRestrictionGauge(metrics, producer.readRestrictions, restrictionKinds);
  registerSnapshotGauge(metrics, createSnapshotAges(db));

  const inTurn = createTurns();
  const { customerKey } = config;
  await requireSharedKey(db, "CUSTOMER_KEY", customerKey && keyDigest(customerKey));
  const hashCustomer = customerKey && createCustomerHash(customerKey);
  const allocator = createAllocator(db, metrics, logger, defaultPace, inTurn, hashCustomer);
  const serve = (job: AllocateJob) =>
    allocator.serve(bucketsOf(job.partition, partitions), () => producer.enqueue(job));

  const returns = startReturns(db, inTurn, metrics, warnOf("returns"), logFailedReturns(logger));
  onStop("returns", returns.close);

  onStop("cancellations", startCancellations(db, metrics, warnOf("cancellations")).close);

  onStop("ended sales", startEndedSales(db, metrics, warnOf("ended sales")).close);

  const listener = listenForWork({ ...connection, onLost: warnOf("listener") }, allocator, returns);
  onStop("listener", listener.close);

  const reconciler = startReconciler({
    db,
    producer,
    partitionCount: partitions,
    serve,
    metrics,
    onError: warnOf("reconciler"),
  });
  onStop("reconciler", reconciler.close);

  const consumer = openConsumer(queueSource, {
    lanes,
    concurrency: concurrencyPerPartition,
    handle: serve,
    onError: warnOf("queue consumer"),
  });
  onStop("queue consumer", consumer.close);

  return { isReady: () => service.isReady(db), db };
}

process.exit(await runService("worker", readConfig, start));
