// Gauges that describe the whole installation, read when they are scraped.
import type { Metrics } from "./metrics.ts";

type JobCounts = () => Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;

/** What the gauges read. Each figure is of the whole installation, not of this process. */
export type InstallationSource = Readonly<{
  summarisePending: () => Promise<Readonly<{ count: number; oldestAgeSeconds: number }>>;
  /** By queue, then by state. */
  countJobs: JobCounts;
}>;

/** Registers the gauges of pending orders and of jobs. Each is read when it is scraped. */
export function registerInstallationGauges(metrics: Metrics, source: InstallationSource): void {
  const readOnce = shareReads(source.summarisePending);
  metrics.gauge("orders_pending", async (gauge) => gauge.set((await readOnce()).count));
  metrics.gauge("order_oldest_pending_age_seconds", async (gauge) => gauge.set((await readOnce()).oldestAgeSeconds));
  registerJobGauge(metrics, source.countJobs);
}

/** Registers the gauges of holds. */
export function registerHoldGauges(
  metrics: Metrics,
  summariseHolds: () => Promise<Readonly<{ ticketCount: number; oldestDueAgeSeconds: number }>>,
): void {
  const readOnce = shareReads(summariseHolds);
  metrics.gauge("holds_open", async (gauge) => gauge.set((await readOnce()).ticketCount));
  metrics.gauge("hold_oldest_due_age_seconds", async (gauge) => gauge.set((await readOnce()).oldestDueAgeSeconds));
}

/** Registers the gauges of waiting lists. */
export function registerWaitlistGauges(
  metrics: Metrics,
  summariseWaiting: () => Promise<Readonly<{ orderCount: number; oldestDueAgeSeconds: number }>>,
): void {
  const readOnce = shareReads(summariseWaiting);
  metrics.gauge("orders_waiting", async (gauge) => gauge.set((await readOnce()).orderCount));
  metrics.gauge("offer_oldest_due_age_seconds", async (gauge) => gauge.set((await readOnce()).oldestDueAgeSeconds));
}

/** Registers the gauge of the orders that cancelled events still have. */
export function registerCancellationGauge(metrics: Metrics, countRemaining: () => Promise<number>): void {
  metrics.gauge("event_cancellations_remaining", async (gauge) => gauge.set(await countRemaining()));
}

/** The gauges that one query fills share it in a scrape. */
function shareReads<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

/** Registers the gauge of the jobs in the queues that a process uses. */
export function registerJobGauge(metrics: Metrics, countJobs: JobCounts): void {
  metrics.gauge("queue_jobs", async (gauge) => {
    for (const [queue, states] of Object.entries(await countJobs())) {
      for (const [state, count] of Object.entries(states)) gauge.set({ queue, state }, count);
    }
  });
}

/**
 * Registers the gauge of what restricts the queues of the workers and notifiers. Gateways leave it to them: their
 * connections to the queues are for enqueueing.
 *
 * @param kinds all that there are: each has a series of each queue, 0 while it does not apply
 */
export function registerRestrictionGauge(
  metrics: Metrics,
  readRestrictions: () => Promise<Readonly<Record<string, readonly Readonly<{ kind: string }>[]>>>,
  kinds: readonly string[],
): void {
  metrics.gauge("queue_restricted", async (gauge) => {
    for (const [queue, restrictions] of Object.entries(await readRestrictions())) {
      const applies = new Set(restrictions.map(({ kind }) => kind));
      for (const kind of kinds) gauge.set({ queue, restriction: kind }, applies.has(kind) ? 1 : 0);
    }
  });
}

/** Registers the gauge of the age of the oldest snapshot of each kind. */
export function registerSnapshotGauge(metrics: Metrics, read: () => Promise<Readonly<Record<string, number>>>): void {
  metrics.gauge("db_oldest_snapshot_age_seconds", async (gauge) => {
    for (const [kind, seconds] of Object.entries(await read())) gauge.set({ kind }, seconds);
  });
}

/** Registers the gauge of the age of the oldest fact that an endpoint has not received yet. */
export function registerUndeliveredGauge(metrics: Metrics, oldestAgeSeconds: () => Promise<number>): void {
  metrics.gauge("webhook_oldest_undelivered_age_seconds", async (gauge) => gauge.set(await oldestAgeSeconds()));
}
