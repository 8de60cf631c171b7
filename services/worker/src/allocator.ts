// Serves a partition: batch after batch until nothing has been pending for a while, or until its time slice ends and the
// partition goes to the back of its queue.
//
// Under load a batch should be large, because each costs several round trips and a commit whatever its size. So the
// allocator rests after a batch for as long as that took, within bounds, while the next one gathers. And it lingers
// after the last one, looking less and less often: gateways do not enqueue a partition that is served (enqueuer.ts).
//
// When a batch fails for good, so does the job: the orders are safe, and the reconciler brings the partition back.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateResult } from "@onsale/queue/job";
import type { DecidedOrder } from "./batch.ts";
import { createDecider } from "./decider.ts";
import { createTally } from "./tally.ts";

const timeSliceMs = 500;
const restMinMs = 2;
const restMaxMs = 10;
/** Twice as long as a gateway trusts that a partition is served. */
const lingerMs = 50;

export type Allocator = Readonly<{
  /**
   * @param buckets those of the partition
   * @param comeBack enqueues the partition again
   */
  serve: (buckets: readonly number[], comeBack: () => Promise<unknown>) => Promise<AllocateResult>;
}>;

export function createAllocator(db: Db, metrics: Metrics, logger: Logger): Allocator {
  const decideNext = createDecider(db, metrics, logger);
  const tally = createTally(metrics);
  const duration = metrics.histogram("allocation_duration_seconds");

  return {
    serve: async (buckets, comeBack) => {
      const startedAt = performance.now();
      const served = createServed();
      let restMs = restMinMs;
      for (let lingerUntil = startedAt; ; ) {
        const batchStartedAt = performance.now();
        const result = await decideNext(buckets);
        const now = performance.now();
        if (result.kind === "decided") {
          tally(result.orders, result.decidedAtMs);
          duration.observe((now - batchStartedAt) / 1_000);
          served.add(result.orders);
          lingerUntil = now + lingerMs;
        }
        const isDone = result.kind === "nothing-pending";
        if (isDone && now >= lingerUntil) return served.result(now - startedAt);
        if (now - startedAt > timeSliceMs) {
          if (!isDone) await comeBack();
          return served.result(now - startedAt);
        }
        restMs = Math.min(restMaxMs, Math.max(restMinMs, isDone ? restMs * 2 : now - batchStartedAt));
        await delay(restMs);
      }
    },
  };
}

const eventsNamedMax = 10;

/** What a job did, for people who look at the queue. */
function createServed() {
  const decidedByEvent = new Map<number, number>();
  let [batches, decided, confirmed] = [0, 0, 0];
  return {
    add: (orders: readonly DecidedOrder[]): void => {
      batches++;
      decided += orders.length;
      for (const { eventId, status } of orders) {
        decidedByEvent.set(eventId, (decidedByEvent.get(eventId) ?? 0) + 1);
        if (status === "CONFIRMED") confirmed++;
      }
    },
    result: (durationMs: number): AllocateResult => ({
      ...{ decided, confirmed, rejected: decided - confirmed, batches, durationMs: Math.round(durationMs) },
      events: Array.from(decidedByEvent, ([eventId, count]) => ({ eventId, decided: count }))
        .sort((a, b) => b.decided - a.decided)
        .slice(0, eventsNamedMax),
    }),
  };
}
