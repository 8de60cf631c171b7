// Decides batches in spite of everything. A batch that meets other transactions or a faster worker is run again. A batch
// that fails because of what is in it is halved until the culprit stands alone; that order is rejected with
// `internal-error`, and the others go on.
import type { Db } from "@onsale/database/client";
import { classify, errorCode, withContentionRetries } from "@onsale/database/errors";
import type { PendingOrder } from "@onsale/database/statements/allocation/read-pending";
import { allocate } from "@onsale/domain/allocate";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import { type BatchResult, type Decide, decideBatch, UndecidableError } from "./batch.ts";

const batchCountMax = 2_000;
/** Each conflict means that another worker got on, so this many in a row mean something else. */
const conflictCountMax = 100;
const statementTimeout = "57014";

/**
 * Decides the next orders of some buckets: a batch, or a smaller one without the order that it fails on, or that order
 * alone, rejected.
 *
 * @throws when the database, and not an order, is at fault; nothing was written then
 */
export type DecideNext = (buckets: readonly number[]) => Promise<BatchResult>;

export function createDecider(db: Db, metrics: Metrics, logger: Logger): DecideNext {
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

  return decideWhatCanBe;
}

/** Whether the orders themselves are at fault, rather than the database or the work of others. */
function isInInput(error: unknown): boolean {
  return error instanceof UndecidableError || classify(error) === "data";
}
