// Finds pending orders that no job will decide, because Redis was wiped, or an enqueue or a job failed. Once a second
// it asks PostgreSQL which buckets have an order that has been pending for longer than a second, and enqueues their
// partitions; when a job waits already, that changes nothing.
//
// The queue can be unusable, and then the worker serves a partition without a job:
//
// - It cannot be reached, or it is restricted: paused, with a limit, or blocked by jobs of others (restrictions.ts of
//   packages/queue). The enqueue and the reading after it show that. From then on the worker looks for the partition's
//   orders every 50 ms, and asks the queue once a second whether it is usable again.
// - It is wrong: a job counts as active although its worker died, a clock was set, a notification was lost. That shows
//   only because the partition makes no progress for 8 s.
//
// When another worker does the same, that is slower but never wrong (write-decisions.ts).
import type { Db } from "@onsale/database/client";
import { findLeftBehind } from "@onsale/database/statements/pending/find-left-behind";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/lanes";
import type { Producer } from "@onsale/queue/producer";
import { createStallDetector } from "./stalled.ts";

const pauseMs = 1_000;
const leftBehindAfterMs = 1_000;
/** While a partition's queue is unusable, both between two looks and as the age of an order. */
const withoutQueueMs = 50;
/** Longer than another worker takes to take over a job (consumer.ts), and well within the 30 s of invariant 4. */
const defaultStalledAfterMs = 8_000;

export type Reconciler = Readonly<{ close: () => Promise<void> }>;

export type ReconcilerOptions = Readonly<{
  db: Db;
  producer: Producer<AllocateJob>;
  partitionCount: number;
  /** Decides the pending orders of a partition in this process, now. */
  serve: (job: AllocateJob) => Promise<unknown>;
  metrics: Metrics;
  /** Told what failed; the next round tries again. */
  onError: (error: Error) => void;
  /** A partition that made no progress for this long is served without a job. */
  stalledAfterMs?: number;
}>;

export function startReconciler(options: ReconcilerOptions): Reconciler {
  const { db, producer, partitionCount, serve, metrics, onError, stalledAfterMs = defaultStalledAfterMs } = options;
  const rescued = metrics.counter("reconciler_rescued_total");
  const failures = metrics.counter("enqueue_failures_total");
  const findStalled = createStallDetector(stalledAfterMs);
  const serving = new Map<number, Promise<unknown>>();
  /** Partitions whose queue was unusable when it was asked last. */
  let withoutQueue: ReadonlySet<number> = new Set();
  let queuesAskedAtMs = Number.NEGATIVE_INFINITY;
  const report = (error: unknown) => onError(error instanceof Error ? error : new Error(String(error)));

  async function enqueue(partition: number): Promise<void> {
    try {
      crashAt("reconciling.before-enqueue");
      if (await producer.enqueue({ partition })) rescued.inc();
      crashAt("reconciling.enqueued");
    } catch (error) {
      failures.inc();
      throw error;
    }
  }

  /** Whether workers can take a partition's jobs from its queue; enqueues it when it has orders. */
  async function isUsable(partition: number, hasOrders: boolean): Promise<boolean> {
    try {
      if (hasOrders) await enqueue(partition);
      return (await producer.restrictionsOf({ partition })).length === 0;
    } catch (error) {
      report(error);
      return false;
    }
  }

  function serveHere(partition: number): void {
    if (serving.has(partition)) return;
    const served = serve({ partition })
      .catch(report)
      .finally(() => serving.delete(partition));
    serving.set(partition, served);
  }

  const partitionsOf = (buckets: readonly number[]) => new Set(buckets.map((bucket) => bucket % partitionCount));

  async function askQueues(): Promise<void> {
    queuesAskedAtMs = performance.now();
    const found = await findLeftBehind(db, leftBehindAfterMs);
    for (const partition of partitionsOf(findStalled(found, performance.now()))) serveHere(partition);
    const withOrders = partitionsOf(found.map(({ bucket }) => bucket));
    const asked = [...new Set([...withOrders, ...withoutQueue])];
    const usable = await Promise.all(asked.map((partition) => isUsable(partition, withOrders.has(partition))));
    withoutQueue = new Set(asked.filter((_, index) => usable[index] === false));
  }

  async function run(): Promise<void> {
    if (withoutQueue.size === 0 || performance.now() - queuesAskedAtMs >= pauseMs) await askQueues();
    if (withoutQueue.size === 0) return;
    const found = await findLeftBehind(db, withoutQueueMs);
    for (const partition of partitionsOf(found.map(({ bucket }) => bucket))) {
      if (withoutQueue.has(partition)) serveHere(partition);
    }
  }

  const loop = startLoop({ run, pauseMs: () => (withoutQueue.size === 0 ? pauseMs : withoutQueueMs), onError });
  return {
    close: async () => {
      await loop.close();
      await Promise.all(serving.values());
    },
  };
}
