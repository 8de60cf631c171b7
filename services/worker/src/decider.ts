// Decides a batch, retrying conflicts and isolating bad orders. A batch that conflicts with other transactions, or
// whose stock another worker changed first, is run again. A batch that fails because of one of its orders is halved
// until that order is alone; it is rejected with `internal-error`, and the others are decided.
import type { Db } from "@onsale/database/client";
import { classify, errorCode, withContentionRetries } from "@onsale/database/errors";
import type { PendingEntry } from "@onsale/database/statements/allocation/read-pending";
import { failed } from "@onsale/domain/decide";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { HashCustomer } from "@onsale/security/customer-hash";
import { type BatchResult, decideBatch } from "./batch.ts";
import { type Decide, decideByCounters, UndecidableError } from "./decided-event.ts";
import { logFailedReturns } from "./log-failed-returns.ts";
import type { Passes } from "./offers.ts";
import { createReturnMetrics } from "./return-metrics.ts";

const batchCountMax = 2_000;
/** In each conflict another worker made progress, so this many in a row have another cause. */
const conflictCountMax = 100;
const statementTimeout = "57014";

/**
 * Decides the next orders of some buckets: a batch; when that fails because of an order, a smaller batch without it, or
 * the rejection of that order alone.
 *
 * @throws when the database, and not an order, is at fault; nothing was written then
 */
export type DecideNext = (buckets: readonly number[]) => Promise<BatchResult>;

/** @param hashCustomer undefined without CUSTOMER_KEY */
export function createDecider(db: Db, metrics: Metrics, logger: Logger, hashCustomer?: HashCustomer): DecideNext {
  const conflicts = metrics.counter("purchase_conflict_total");
  const retries = metrics.counter("db_transaction_retries_total");
  const onReturned = createReturnMetrics(metrics);
  const onReturnsFailed = logFailedReturns(logger);
  const passes: Passes = new Map();
  const logRejected = createThrottle((details: object) => {
    logger.error(details, "an order cannot be processed; it is rejected (at most one such line in 5 s)");
  });

  /** Runs one batch again while other workers are faster. */
  async function decideRetrying(
    buckets: readonly number[],
    countMax: number,
    decide: Decide,
    onEntries?: (entries: readonly PendingEntry[]) => void,
  ): Promise<BatchResult> {
    const hooks = { onReturned, onReturnsFailed, passes, ...(onEntries === undefined ? {} : { onEntries }) };
    const options = { buckets, countMax, decide, hashCustomer, ...hooks };
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

  async function decideNext(buckets: readonly number[]): Promise<BatchResult> {
    for (let countMax = batchCountMax; ; ) {
      let attempted: readonly PendingEntry[] = [];
      try {
        return await decideRetrying(buckets, countMax, decideByCounters, (entries) => {
          attempted = entries;
        });
      } catch (error) {
        const badOrder = attempted.length === 1 ? attempted[0] : undefined;
        if (badOrder !== undefined && isInInput(error)) return reject(buckets, badOrder.id, error);
        // A batch that takes too long may be too large.
        if (countMax === 1 || !(isInInput(error) || errorCode(error) === statementTimeout)) throw error;
        const failedCount = attempted.length > 0 ? Math.min(countMax, attempted.length) : countMax;
        countMax = Math.ceil(failedCount / 2);
      }
    }
  }

  /** Rejects a bad order. If another worker has done so meanwhile, the order that is now first is decided as usual. */
  async function reject(buckets: readonly number[], orderId: string, error: unknown): Promise<BatchResult> {
    logRejected({ err: error, orderId });
    return decideRetrying(buckets, 1, (counters, entries, rules) => {
      return entries[0]?.id === orderId ? [failed] : decideByCounters(counters, entries, rules);
    });
  }

  return decideNext;
}

/** Whether the orders themselves are at fault, rather than the database or a conflict. */
function isInInput(error: unknown): boolean {
  return error instanceof UndecidableError || classify(error) === "data";
}
