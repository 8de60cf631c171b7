import { setTimeout as delay } from "node:timers/promises";
import { partitionOf } from "@onsale/domain/bucket";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/job";
import type { Producer } from "@onsale/queue/producer";

/** Tells the workers where there are new orders. Never throws: an order that no job follows is reconciled later. */
export type Enqueuer = Readonly<{
  wake: (eventId: number) => void;
  /** Waits for what is on its way. */
  close: () => Promise<void>;
}>;

/**
 * A worker goes on with a partition while orders keep coming, so a busy partition need not be enqueued with each group
 * of them; it must be once in a while, because a job's time is limited. Shorter than a worker lingers.
 */
const intervalMs = 20;

type Partition = { again: boolean; done: Promise<void> };

/**
 * One call per partition is on its way at a time, and the first one begins at once. Orders that are committed within the
 * interval share the next call, which begins after they were committed, so the job it makes sees them.
 */
export function createEnqueuer(
  producer: Producer<AllocateJob>,
  partitionCount: number,
  metrics: Metrics,
  logger: Logger,
): Enqueuer {
  const failures = metrics.counter("enqueue_failures_total");
  const busy = new Map<number, Partition>();
  const closing = new AbortController();

  async function enqueueUntilQuiet(partition: number, state: Partition): Promise<void> {
    do {
      state.again = false;
      const pause = delay(intervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
      try {
        await producer.enqueue({ partition });
      } catch (error) {
        failures.inc();
        logger.debug({ err: error, partition }, "could not enqueue a partition; the reconciler will");
      }
      await pause;
    } while (state.again);
    busy.delete(partition);
  }

  return {
    wake: (eventId) => {
      const partition = partitionOf(eventId, partitionCount);
      const state = busy.get(partition) ?? { again: false, done: Promise.resolve() };
      state.again = true;
      if (busy.has(partition)) return;
      busy.set(partition, state);
      state.done = enqueueUntilQuiet(partition, state);
    },
    close: async () => {
      closing.abort();
      await Promise.all(Array.from(busy.values(), (state) => state.done));
    },
  };
}
