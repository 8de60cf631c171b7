// Finds what was left behind: orders that are pending although no job will come for them, because Redis was wiped, an
// enqueue failed, or a job did. Once a second it asks PostgreSQL which buckets have had a pending order for longer than
// that, and enqueues their partitions; where a job waits already, that is a no-op.
//
// A queue can be out of reach, or at fault itself: a job that counts as active although its worker is gone, a clock that
// stepped, a notification that nobody got. Where a partition cannot be enqueued, or does not move for some seconds, the
// worker serves it without a job. That is slower when another worker does so, too, and never wrong (write-decisions.ts).
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { findLeftBehind } from "@onsale/database/statements/find-left-behind";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/job";
import type { Producer } from "@onsale/queue/producer";
import { createStuckDetector } from "./stuck.ts";

const intervalMs = 1_000;
const leftBehindAfterMs = 1_000;
/** After a job would have been found by another worker (consumer.ts), and well within the 30 s of invariant 4. */
const stuckAfterUsuallyMs = 8_000;

export type Reconciler = Readonly<{ close: () => Promise<void> }>;

export type ReconcilerOptions = Readonly<{
  db: Db;
  producer: Producer<AllocateJob>;
  partitionCount: number;
  /** Decides what is pending in a partition, here and now. */
  serve: (job: AllocateJob) => Promise<unknown>;
  metrics: Metrics;
  /** Told about what failed; the next round comes anyway. */
  onError: (error: Error) => void;
  /** After this long without a move a partition is served without a job. */
  stuckAfterMs?: number;
}>;

export function startReconciler(options: ReconcilerOptions): Reconciler {
  const { db, producer, partitionCount, serve, metrics, onError, stuckAfterMs = stuckAfterUsuallyMs } = options;
  const rescued = metrics.counter("reconciler_rescued_total");
  const failures = metrics.counter("enqueue_failures_total");
  const findStuck = createStuckDetector(stuckAfterMs);
  const serving = new Map<number, Promise<unknown>>();
  const closing = new AbortController();
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

  async function look(): Promise<void> {
    const found = await findLeftBehind(db, leftBehindAfterMs);
    const partitionsOf = (buckets: readonly number[]) => new Set(buckets.map((bucket) => bucket % partitionCount));
    for (const partition of partitionsOf(findStuck(found, performance.now()))) serveHere(partition);
    for (const partition of partitionsOf(found.map(({ bucket }) => bucket))) await rescue(partition);
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await look().catch(report);
      await delay(intervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
      await Promise.all(serving.values());
    },
  };
}
