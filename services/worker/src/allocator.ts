// Serves one event: batch after batch until nothing is pending, or until its time slice ends and the event goes to the
// back of its queue, so that one hot event does not starve the others.
//
// A batch that fails because of what is in it is halved until the culprit stands alone; that order is rejected with
// `internal-error`, and the event goes on. A batch that fails for any other reason fails the job: the orders are safe,
// and the reconciler brings the event back.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { classify, errorCode, withContentionRetries } from "@onsale/database/errors";
import type { PendingOrder } from "@onsale/database/statements/read-pending";
import { allocate } from "@onsale/domain/allocate";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateResult } from "@onsale/queue/job";
import { type BatchResult, type Decide, type DecidedOrder, decideBatch, UndecidableError } from "./batch.ts";

const batchCountMax = 500;
const timeSliceMs = 200;
/** Inserts that are on their way take this long, about. */
const arrivalPauseMs = 1;
/** Each conflict means that another worker got on, so this many in a row mean something else. */
const conflictCountMax = 100;
const statementTimeout = "57014";

export type Allocator = Readonly<{
  /** @param comeBack enqueues the event again, behind the others */
  serve: (eventId: number, comeBack: () => Promise<unknown>) => Promise<AllocateResult>;
}>;

export function createAllocator(db: Db, metrics: Metrics, logger: Logger): Allocator {
  const tally = createTally(metrics);
  const duration = metrics.histogram("allocation_duration_seconds");
  const conflicts = metrics.counter("purchase_conflict_total");
  const retries = metrics.counter("db_transaction_retries_total");

  /** One batch, again and again while other workers are faster. */
  async function decide(eventId: number, countMax: number, how: Decide): Promise<BatchResult> {
    for (let conflictCount = 0; ; conflictCount++) {
      try {
        return await withContentionRetries(
          () => decideBatch(db, eventId, countMax, how),
          (sqlstate) => retries.inc({ sqlstate }),
        );
      } catch (error) {
        if (classify(error) !== "stock-changed" || conflictCount >= conflictCountMax) throw error;
        conflicts.inc();
      }
    }
  }

  /** A batch, or a smaller one without the order that it fails on, or that order alone, rejected. */
  async function decideWhatCanBe(eventId: number): Promise<BatchResult> {
    for (let countMax = batchCountMax; ; countMax = Math.ceil(countMax / 2)) {
      let attempted: readonly PendingOrder[] = [];
      const allocateNoted: Decide = (available, orders) => {
        attempted = orders;
        return allocate(available, orders);
      };
      try {
        return await decide(eventId, countMax, allocateNoted);
      } catch (error) {
        const culprit = attempted.length === 1 ? attempted[0] : undefined;
        if (culprit !== undefined && isInInput(error)) return reject(eventId, culprit.id, error);
        // A batch that takes too long may be too large.
        if (countMax === 1 || !(isInInput(error) || errorCode(error) === statementTimeout)) throw error;
      }
    }
  }

  /** Rejects a poison order, unless another worker has: then whoever is first by now gets a decision as usual. */
  async function reject(eventId: number, orderId: string, error: unknown): Promise<BatchResult> {
    logger.error({ err: error, orderId }, "an order cannot be processed; it is rejected");
    return decide(eventId, 1, (available, orders) => {
      return orders[0]?.id === orderId
        ? [{ status: "REJECTED", reason: "internal-error" }]
        : allocate(available, orders);
    });
  }

  return {
    serve: async (eventId, comeBack) => {
      const startedAt = performance.now();
      let decided = 0;
      for (let batches = 0; ; ) {
        const batchStartedAt = performance.now();
        const result = await decideWhatCanBe(eventId);
        const now = performance.now();
        if (result.kind === "nothing-pending") return { decided, batches, durationMs: Math.round(now - startedAt) };
        if (result.kind === "decided") {
          tally(result.orders, result.decidedAtMs);
          duration.observe((now - batchStartedAt) / 1_000);
          decided += result.orders.length;
          batches++;
        } else {
          await delay(arrivalPauseMs);
        }
        if (now - startedAt > timeSliceMs) {
          await comeBack();
          return { decided, batches, durationMs: Math.round(now - startedAt) };
        }
      }
    },
  };
}

/** Whether the orders themselves are at fault, rather than the database or the work of others. */
function isInInput(error: unknown): boolean {
  return error instanceof UndecidableError || classify(error) === "data";
}

/** Counts what a batch brought. */
function createTally(metrics: Metrics) {
  const decidedTotal = metrics.counter("orders_decided_total");
  const ticketsSold = metrics.counter("tickets_sold_total");
  const decisionDuration = metrics.histogram("order_decision_duration_seconds");
  const batchSize = metrics.histogram("allocation_batch_size");

  return (orders: readonly DecidedOrder[], decidedAtMs: number): void => {
    batchSize.observe(orders.length);
    for (const { status, reason, quantity, createdAtMs } of orders) {
      decidedTotal.inc({ outcome: status.toLowerCase(), reason: reason ?? "none" });
      if (status === "CONFIRMED") ticketsSold.inc(quantity);
      decisionDuration.observe(Math.max(0, decidedAtMs - createdAtMs) / 1_000);
    }
  };
}
