// Serves partitions: decides batch after batch until nothing has been pending for an idle grace, or until a time slice
// ends and the partition goes to the end of its queue (lease.ts).
//
// The partitions that a process serves at the same time share its batches: a batch costs several round trips and a
// commit whatever its size, so it should be large. For the same reason the allocator sleeps after a batch for as long
// as the batch took, within bounds, while the next one gathers. In the idle grace gateways announce what arrives; an
// announcement can be lost, and an order right after another one is not announced, so the allocator also checks every
// 10 ms.
//
// When a batch fails for good, the jobs that shared it fail: the orders are safe, and the reconciler enqueues their
// partitions again.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { bucketOf } from "@onsale/domain/bucket";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { createWakeSignal } from "@onsale/lifecycle/wake-signal";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateResult } from "@onsale/queue/lanes";
import type { HashCustomer } from "@onsale/security/customer-hash";
import type { BatchResult } from "./batch.ts";
import { createBatchMetrics } from "./batch-metrics.ts";
import { createDecider } from "./decider.ts";
import { createLease, type Lease } from "./lease.ts";
import { createTurns, type Turns } from "./turns.ts";

/** A smaller batch shows that there is little load: then orders do not wait for others. */
const largeBatchCount = 16;

export type Pace = Readonly<{
  restMinMs: number;
  restMaxMs: number;
  /** Twice as long as a gateway trusts that a partition is served (enqueuer.ts). */
  idleGraceMs: number;
  timeSliceMs: number;
}>;

export const defaultPace: Pace = { restMinMs: 2, restMaxMs: 10, idleGraceMs: 50, timeSliceMs: 500 };

export type Allocator = Readonly<{
  /**
   * Serves a partition for a time slice at most.
   *
   * @param buckets those of the partition
   * @param enqueueAgain enqueues the partition again when the time slice ends before its orders are decided
   */
  serve: (buckets: readonly number[], enqueueAgain: () => Promise<unknown>) => Promise<AllocateResult>;
  /** Checks at once when an order arrived in a bucket that is being served. */
  onArrived: (buckets: readonly number[]) => void;
}>;

/**
 * @param inTurn takes turns with the returns of this process
 * @param hashCustomer undefined without CUSTOMER_KEY
 */
export function createAllocator(
  db: Db,
  metrics: Metrics,
  logger: Logger,
  pace = defaultPace,
  inTurn: Turns = createTurns(),
  hashCustomer?: HashCustomer,
): Allocator {
  const { idleGraceMs, timeSliceMs } = pace;
  const decideNext = createDecider(db, metrics, logger, hashCustomer);
  const countBatch = createBatchMetrics(metrics);
  const duration = metrics.histogram("allocation_duration_seconds");
  const offersMade = metrics.counter("offers_made_total");
  const leases = new Set<Lease>();
  const idle = createWakeSignal();
  let isRunning = false;

  async function run(): Promise<void> {
    while (leases.size > 0) {
      const startedAtMs = performance.now();
      const current = [...leases];
      let result: BatchResult | undefined;
      try {
        // A partition can have two leases: one of its job, and one because the reconciler found it stalled.
        const buckets = [...new Set(current.flatMap((lease) => lease.buckets))];
        result = await inTurn(() => decideNext(buckets));
        const nowMs = performance.now();
        if (result.kind === "offered") offersMade.inc(result.offeredCount);
        if (result.kind === "decided") {
          crashAt("decision.committed");
          countBatch(result.entries, result.decidedAtMs);
          duration.observe((nowMs - startedAtMs) / 1_000);
          credit(current, result, nowMs + idleGraceMs);
        }
        endDone(current, result, nowMs);
      } catch (error) {
        for (const lease of current) if (leases.delete(lease)) lease.fail(error);
      }
      if (leases.size > 0) await rest(result, performance.now() - startedAtMs);
    }
    isRunning = false;
  }

  function endDone(current: readonly Lease[], { bucketsWithMore }: BatchResult, nowMs: number): void {
    for (const lease of current) {
      const hasMore = lease.buckets.some((bucket) => bucketsWithMore.has(bucket));
      if (lease.endIfDone(hasMore, nowMs)) leases.delete(lease);
    }
  }

  /** An arrival or a new job interrupts the sleep of an idle allocator, but not the sleep in which a batch gathers. */
  function rest(result: BatchResult | undefined, tookMs: number): Promise<void> {
    if (result?.kind === "nothing-pending") return idle.sleep(pace.restMaxMs);
    const isLarge = result?.kind === "decided" && result.entries.length >= largeBatchCount;
    return delay(isLarge ? Math.min(pace.restMaxMs, Math.max(pace.restMinMs, tookMs)) : pace.restMinMs);
  }

  return {
    serve: (buckets, enqueueAgain) => {
      crashAt("decision.job-taken");
      const lease = createLease({ buckets, timeSliceMs, enqueueAgain });
      leases.add(lease);
      if (isRunning) idle.wake();
      else {
        isRunning = true;
        void run();
      }
      return lease.result;
    },
    onArrived: (buckets) => {
      for (const lease of leases) {
        if (buckets.some((bucket) => lease.buckets.includes(bucket))) return idle.wake();
      }
    },
  };
}

/** Gives each lease its share of a batch, and with it a new idle grace. */
function credit(leases: readonly Lease[], { entries }: BatchResult & { kind: "decided" }, graceUntilMs: number): void {
  const byBucket = Map.groupBy(entries, ({ eventId }) => bucketOf(eventId));
  for (const lease of leases) {
    const own = lease.buckets.flatMap((bucket) => byBucket.get(bucket) ?? []);
    if (own.length > 0) lease.credit(own, graceUntilMs);
  }
}
