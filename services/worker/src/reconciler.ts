// Finds pending orders that no job will decide, because Redis was wiped, or an enqueue or a job failed. Once a second
// it asks PostgreSQL which buckets have an order that has been pending for longer than a second, and enqueues their
// partitions; when a job waits already, that changes nothing.
//
// The queue can be unreachable, or wrong: a job counts as active although its worker died, a clock was set, a
// notification was lost. When a partition cannot be enqueued, or makes no progress for 8 s, the worker serves it
// without a job. When another worker does the same, that is slower but never wrong (write-decisions.ts).
import type { Db } from "@onsale/database/client";
import { findLeftBehind } from "@onsale/database/statements/allocation/find-left-behind";
import { startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/lanes";
import type { Producer } from "@onsale/queue/producer";
import { createStallDetector } from "./stalled.ts";

const pauseMs = 1_000;
const leftBehindAfterMs = 1_000;
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
  const report = (error: unknown) => onError(error instanceof Error ? error : new Error(String(error)));

  async function rescue(partition: number): Promise<void> {
    try {
      if (await producer.enqueue({ partition })) rescued.inc();
    } catch (error) {
      failures.inc();
      report(error);
      serveHere(partition);
    }
  }

  function serveHere(partition: number): void {
    if (serving.has(partition)) return;
    const served = serve({ partition })
      .catch(report)
      .finally(() => serving.delete(partition));
    serving.set(partition, served);
  }

  async function run(): Promise<void> {
    const found = await findLeftBehind(db, leftBehindAfterMs);
    const partitionsOf = (buckets: readonly number[]) => new Set(buckets.map((bucket) => bucket % partitionCount));
    for (const partition of partitionsOf(findStalled(found, performance.now()))) serveHere(partition);
    for (const partition of partitionsOf(found.map(({ bucket }) => bucket))) await rescue(partition);
  }

  const loop = startLoop({ run, pauseMs, onError });
  return {
    close: async () => {
      await loop.close();
      await Promise.all(serving.values());
    },
  };
}
