// Finds what was left behind: orders that are pending although no job will come for them, because Redis was wiped, an
// enqueue failed, or a job did. It asks PostgreSQL once a second which events have had a pending order for longer than
// that, and enqueues them; where a job waits already, that is a no-op.
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
  metrics: Metrics,
  onError: (error: Error) => void,
): Reconciler {
  const rescued = metrics.counter("reconciler_rescued_total");
  const failures = metrics.counter("enqueue_failures_total");
  const closing = new AbortController();

  /** One event that cannot be enqueued, because its queue is out of reach, must not keep the others. */
  async function rescue(eventId: number): Promise<void> {
    try {
      if (await producer.enqueue({ eventId })) rescued.inc();
    } catch (error) {
      failures.inc();
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        for (const eventId of await findLeftBehind(db, leftBehindAfterMs)) await rescue(eventId);
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
      }
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
