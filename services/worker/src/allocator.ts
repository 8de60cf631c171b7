// Serves partitions: batch after batch until nothing has been pending for a while, or until a time slice ends and the
// partition goes to the back of its queue.
//
// The partitions that a process serves at the same time share its batches: a batch costs several round trips and a commit
// whatever its size, so it should be large. For the same reason the allocator rests after a batch for as long as that
// took, within bounds, while the next one gathers. And it lingers after a partition's last order: gateways do not enqueue
// a partition that is served, but announce what comes after a pause (enqueuer.ts). It also looks by itself now and then:
// an announcement may be lost, and an order that comes right after another is not announced.
//
// When a batch fails for good, so do the jobs that shared it: the orders are safe, and the reconciler brings the
// partitions back.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { bucketOf } from "@onsale/domain/bucket";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateResult } from "@onsale/queue/job";
import type { BatchResult } from "./batch.ts";
import { createDecider } from "./decider.ts";
import { createDoorbell } from "./doorbell.ts";
import { createServed, type Served } from "./served.ts";
import { createTally } from "./tally.ts";

/** A smaller batch shows that there is time: then orders are not kept waiting for others. */
const crowdCount = 16;

export type Pace = Readonly<{
  restMinMs: number;
  restMaxMs: number;
  /** Twice as long as a gateway trusts that a partition is served. */
  lingerMs: number;
  /** For a visit. */
  timeSliceMs: number;
}>;

const usualPace: Pace = { restMinMs: 2, restMaxMs: 10, lingerMs: 50, timeSliceMs: 500 };

export type Allocator = Readonly<{
  /**
   * @param buckets those of the partition
   * @param comeBack enqueues the partition again
   */
  serve: (buckets: readonly number[], comeBack: () => Promise<unknown>) => Promise<AllocateResult>;
  /** An order has come in one of these buckets; matters only where they are served. */
  onArrived: (buckets: readonly number[]) => void;
}>;

/** A job: one partition, for a time slice. */
type Visit = Readonly<{
  buckets: readonly number[];
  startedAt: number;
  served: Served;
  comeBack: () => Promise<unknown>;
  resolve: (result: AllocateResult | Promise<AllocateResult>) => void;
  reject: (error: unknown) => void;
}> & { lingerUntil: number };

export function createAllocator(db: Db, metrics: Metrics, logger: Logger, pace = usualPace): Allocator {
  const decideNext = createDecider(db, metrics, logger);
  const tally = createTally(metrics);
  const duration = metrics.histogram("allocation_duration_seconds");
  const visits = new Set<Visit>();
  const doorbell = createDoorbell();
  let isRunning = false;

  async function run(): Promise<void> {
    while (visits.size > 0) {
      const startedAt = performance.now();
      const present = [...visits];
      let result: BatchResult | undefined;
      try {
        // A partition can be here twice: with its job, and because the reconciler found that it does not move.
        result = await decideNext([...new Set(present.flatMap(({ buckets }) => buckets))]);
        const now = performance.now();
        if (result.kind === "decided") {
          tally(result.orders, result.decidedAtMs);
          duration.observe((now - startedAt) / 1_000);
          credit(present, result, now + pace.lingerMs);
        }
        for (const visit of present) finishIfDone(visit, result, now);
      } catch (error) {
        for (const visit of present) end(visit, () => visit.reject(error));
      }
      if (visits.size > 0) await rest(result, performance.now() - startedAt);
    }
    isRunning = false;
  }

  /** An arrival or a new job ends the wait for one, but not the rest in which a batch gathers. */
  function rest(result: BatchResult | undefined, tookMs: number): Promise<void> {
    if (result?.kind === "nothing-pending") return doorbell.wait(pace.restMaxMs);
    const isCrowd = result?.kind === "decided" && result.orders.length >= crowdCount;
    return delay(isCrowd ? Math.min(pace.restMaxMs, Math.max(pace.restMinMs, tookMs)) : pace.restMinMs);
  }

  function finishIfDone(visit: Visit, { waiting }: BatchResult, now: number): void {
    const isWaiting = visit.buckets.some((bucket) => waiting.has(bucket));
    const result = () => visit.served.result(now - visit.startedAt);
    const isOver = now - visit.startedAt > pace.timeSliceMs;
    if (isOver && (isWaiting || now < visit.lingerUntil)) {
      end(visit, () => visit.resolve(visit.comeBack().then(result)));
    } else if (isOver || (!isWaiting && now >= visit.lingerUntil)) {
      end(visit, () => visit.resolve(result()));
    }
  }

  function end(visit: Visit, tell: () => void): void {
    visits.delete(visit);
    tell();
  }

  return {
    serve: (buckets, comeBack) => {
      const { promise, resolve, reject } = Promise.withResolvers<AllocateResult>();
      const startedAt = performance.now();
      visits.add({ buckets, startedAt, served: createServed(), comeBack, resolve, reject, lingerUntil: startedAt });
      if (isRunning) doorbell.ring();
      else {
        isRunning = true;
        void run();
      }
      return promise;
    },
    onArrived: (buckets) => {
      for (const visit of visits) {
        if (buckets.some((bucket) => visit.buckets.includes(bucket))) return doorbell.ring();
      }
    },
  };
}

/** Gives each job its part of a batch, and with it a new time to linger. */
function credit(visits: readonly Visit[], { orders }: BatchResult & { kind: "decided" }, lingerUntil: number): void {
  const byBucket = Map.groupBy(orders, ({ eventId }) => bucketOf(eventId));
  for (const visit of visits) {
    const own = visit.buckets.flatMap((bucket) => byBucket.get(bucket) ?? []);
    if (own.length === 0) continue;
    visit.served.add(own);
    visit.lingerUntil = lingerUntil;
  }
}
