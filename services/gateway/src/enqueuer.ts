import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/job";
import type { Producer } from "@onsale/queue/producer";

/** Tells the workers which events have new orders. Never throws: an order that no job follows is reconciled later. */
export type Enqueuer = Readonly<{
  wake: (eventId: number) => void;
  /** Waits for what is on its way. */
  close: () => Promise<void>;
}>;

/**
 * One call per event is on its way at a time. Orders that are committed meanwhile share the next call, which begins
 * after they were committed, so the job it makes sees them.
 */
export function createEnqueuer(producer: Producer<AllocateJob>, metrics: Metrics, logger: Logger): Enqueuer {
  const failures = metrics.counter("enqueue_failures_total");
  const running = new Map<number, { again: boolean; done: Promise<void> }>();

  async function enqueueUntilQuiet(eventId: number, state: { again: boolean }): Promise<void> {
    do {
      state.again = false;
      try {
        await producer.enqueue({ eventId });
      } catch (error) {
        failures.inc();
        logger.debug({ err: error, eventId }, "could not enqueue an event; the reconciler will");
      }
    } while (state.again);
    running.delete(eventId);
  }

  return {
    wake: (eventId) => {
      const current = running.get(eventId);
      if (current !== undefined) {
        current.again = true;
        return;
      }
      const state = { again: false, done: Promise.resolve() };
      running.set(eventId, state);
      state.done = enqueueUntilQuiet(eventId, state);
    },
    close: async () => {
      await Promise.all([...running.values()].map((state) => state.done));
    },
  };
}
