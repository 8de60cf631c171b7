// Gauges that describe the whole installation, read when they are scraped.
import type { Metrics } from "./metrics.ts";

/** What the gauges of queues read, by queue. */
export type QueueSource = Readonly<{
  /** By state. */
  countJobs: () => Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  readRestrictions: () => Promise<Readonly<Record<string, readonly Readonly<{ kind: string }>[]>>>;
}>;

/** What the gauges read. Each figure is of the whole installation, not of this process. */
export type InstallationSource = Readonly<{
  summarisePending: () => Promise<Readonly<{ count: number; oldestAgeSeconds: number }>>;
}>;

/** Registers the gauges of pending orders. Each is read when it is scraped. */
export function registerInstallationGauges(metrics: Metrics, source: InstallationSource): void {
  // Both gauges of pending orders share one query in a scrape.
  let reading: ReturnType<InstallationSource["summarisePending"]> | undefined;
  const readOnce = () => {
    reading ??= source.summarisePending().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  metrics.gauge("orders_pending", async (gauge) => gauge.set((await readOnce()).count));
  metrics.gauge("order_oldest_pending_age_seconds", async (gauge) => gauge.set((await readOnce()).oldestAgeSeconds));
}

/**
 * Registers the gauges of the queues that a process uses.
 *
 * @param restrictionKinds all that there are: each has a series of each queue, 0 while it does not apply
 */
export function registerQueueGauges(metrics: Metrics, source: QueueSource, restrictionKinds: readonly string[]): void {
  const { countJobs, readRestrictions } = source;
  metrics.gauge("queue_jobs", async (gauge) => {
    for (const [queue, states] of Object.entries(await countJobs())) {
      for (const [state, count] of Object.entries(states)) gauge.set({ queue, state }, count);
    }
  });
  metrics.gauge("queue_restricted", async (gauge) => {
    for (const [queue, restrictions] of Object.entries(await readRestrictions())) {
      const applies = new Set(restrictions.map(({ kind }) => kind));
      for (const kind of restrictionKinds) gauge.set({ queue, restriction: kind }, applies.has(kind) ? 1 : 0);
    }
  });
}

/** Registers the gauge of the age of the oldest fact that an endpoint has not received yet. */
export function registerUndeliveredGauge(metrics: Metrics, oldestAgeSeconds: () => Promise<number>): void {
  metrics.gauge("webhook_oldest_undelivered_age_seconds", async (gauge) => gauge.set(await oldestAgeSeconds()));
}
