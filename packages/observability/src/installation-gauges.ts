import type { Metrics } from "./metrics.ts";

/** What the gauges ask; each answer is about the whole installation, not about this process. */
export type InstallationSource = Readonly<{
  summarisePending: () => Promise<Readonly<{ count: number; oldestAgeSeconds: number }>>;
  /** By queue, then by state. */
  countJobs: () => Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
}>;

/** Registers the gauges that tell how much is waiting. They are read when they are scraped. */
export function registerInstallationGauges(metrics: Metrics, source: InstallationSource): void {
  // Both pending gauges of one scrape share one reading.
  let reading: ReturnType<InstallationSource["summarisePending"]> | undefined;
  const readOnce = () => {
    reading ??= source.summarisePending().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  metrics.gauge("orders_pending", async (gauge) => gauge.set((await readOnce()).count));
  metrics.gauge("order_oldest_pending_age_seconds", async (gauge) => gauge.set((await readOnce()).oldestAgeSeconds));
  metrics.gauge("queue_jobs", async (gauge) => {
    for (const [queue, states] of Object.entries(await source.countJobs())) {
      for (const [state, count] of Object.entries(states)) gauge.set({ queue, state }, count);
    }
  });
}
