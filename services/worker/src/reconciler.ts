// Finds what was left behind: orders that are pending although no job will come for them, because Redis was wiped, an
// enqueue failed, or a job did. Once a second it asks PostgreSQL which buckets have had a pending order for longer than
// that, and enqueues their partitions; where a job waits already, that is a no-op.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { findLeftBehind } from "@onsale/database/statements/find-left-behind";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/job";
import type { Producer } from "@onsale/queue/producer";

const intervalMs = 1_000;
const leftBehindAfterMs = 1_000;

export type Reconciler = Readonly<{ close: () => Promise<void> }>;

/** @param onError told about what failed; the next round comes anyway */
export function startReconciler(
  db: Db,
  producer: Producer<AllocateJob>,
  partitionCount: number,
  metrics: Metrics,
  onError: (error: Error) => void,
): Reconciler {
  const rescued = metrics.counter("reconciler_rescued_total");
  const failures = metrics.counter("enqueue_failures_total");
  const closing = new AbortController();
  const report = (error: unknown) => onError(error instanceof Error ? error : new Error(String(error)));

  /** A partition that cannot be enqueued, because its queue is out of reach, must not keep the others. */
  async function rescue(partition: number): Promise<void> {
    try {
      if (await producer.enqueue({ partition })) rescued.inc();
    } catch (error) {
      failures.inc();
      report(error);
    }
  }

  async function look(): Promise<void> {
    const buckets = await findLeftBehind(db, leftBehindAfterMs);
    const partitions = new Set(buckets.map((bucket) => bucket % partitionCount));
    for (const partition of partitions) await rescue(partition);
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
    },
  };
}
