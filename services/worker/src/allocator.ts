// Serves a partition: batch after batch until nothing has been pending for a while, or until its time slice ends and the
// partition goes to the back of its queue.
//
// Under load a batch should be large, because each costs several round trips and a commit whatever its size. So the
// allocator rests after a batch for as long as that took, within bounds, while the next one gathers. And it lingers
// after the last one: gateways enqueue a partition that is busy only now and then (enqueuer.ts), and rely on that.
//
// A batch that fails because of what is in it is halved until the culprit stands alone; that order is rejected with
// `internal-error`, and the others go on. A batch that fails for any other reason fails the job: the orders are safe,
// and the reconciler brings the partition back.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { classify, errorCode, withContentionRetries } from "@onsale/database/errors";
import type { PendingOrder } from "@onsale/database/statements/read-pending";
import { allocate } from "@onsale/domain/allocate";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateResult } from "@onsale/queue/job";
import { type BatchResult, type Decide, type DecidedOrder, decideBatch, UndecidableError } from "./batch.ts";
import { createTally } from "./tally.ts";

const batchCountMax = 2_000;
const timeSliceMs = 500;
const restMinMs = 2;
const restMaxMs = 10;
/** Longer than a gateway waits before it enqueues a partition again. */
const lingerMs = 25;
/** Each conflict means that another worker got on, so this many in a row mean something else. */
const conflictCountMax = 100;
const statementTimeout = "57014";

export type Allocator = Readonly<{
  /**
   * @param buckets those of the partition
   * @param comeBack enqueues the partition again
   */
  serve: (buckets: readonly number[], comeBack: () => Promise<unknown>) => Promise<AllocateResult>;
}>;

export function createAllocator(db: Db, metrics: Metrics, logger: Logger): Allocator {
  const tally = createTally(metrics);
  const duration = metrics.histogram("allocation_duration_seconds");
  const conflicts = metrics.counter("purchase_conflict_total");
  const retries = metrics.counter("db_transaction_retries_total");

  /** One batch, again and again while other workers are faster. */
  async function decide(
    buckets: readonly number[],
    countMax: number,
    how: Decide,
    onOrders?: (orders: readonly PendingOrder[]) => void,
  ): Promise<BatchResult> {
    const options = { buckets, countMax, decide: how, ...(onOrders === undefined ? {} : { onOrders }) };
    for (let conflictCount = 0; ; conflictCount++) {
      try {
        return await withContentionRetries(
          () => decideBatch(db, options),
          (sqlstate) => retries.inc({ sqlstate }),
        );
      } catch (error) {
        if (classify(error) !== "stock-changed" || conflictCount >= conflictCountMax) throw error;
        conflicts.inc();
      }
    }
  }

  /** A batch, or a smaller one without the order that it fails on, or that order alone, rejected. */
  async function decideWhatCanBe(buckets: readonly number[]): Promise<BatchResult> {
    for (let countMax = batchCountMax; ; ) {
      let attempted: readonly PendingOrder[] = [];
      try {
        return await decide(buckets, countMax, allocate, (orders) => {
          attempted = orders;
        });
      } catch (error) {
        const culprit = attempted.length === 1 ? attempted[0] : undefined;
        if (culprit !== undefined && isInInput(error)) return reject(buckets, culprit.id, error);
        // A batch that takes too long may be too large.
        if (countMax === 1 || !(isInInput(error) || errorCode(error) === statementTimeout)) throw error;
        const failedCount = attempted.length > 0 ? Math.min(countMax, attempted.length) : countMax;
        countMax = Math.ceil(failedCount / 2);
      }
    }
  }

  /** Rejects a poison order, unless another worker has: then whoever is first by now gets a decision as usual. */
  async function reject(buckets: readonly number[], orderId: string, error: unknown): Promise<BatchResult> {
    logger.error({ err: error, orderId }, "an order cannot be processed; it is rejected");
    return decide(buckets, 1, (available, orders) => {
      return orders[0]?.id === orderId
        ? [{ status: "REJECTED", reason: "internal-error" }]
        : allocate(available, orders);
    });
  }

  return {
    serve: async (buckets, comeBack) => {
      const startedAt = performance.now();
      const served = createServed();
      for (let lingerUntil = startedAt; ; ) {
        const batchStartedAt = performance.now();
        const result = await decideWhatCanBe(buckets);
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
        await delay(Math.min(restMaxMs, Math.max(restMinMs, now - batchStartedAt)));
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

/** Whether the orders themselves are at fault, rather than the database or the work of others. */
function isInInput(error: unknown): boolean {
  return error instanceof UndecidableError || classify(error) === "data";
}
