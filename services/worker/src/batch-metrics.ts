import type { Metrics } from "@onsale/observability/metrics";
import type { DecidedOrder } from "./batch.ts";

/**
 * Counts the first decisions of a batch. There are few reasons, so each one is counted once per batch. An order is
 * CONFIRMED if and only if its decision has no reason (allocate.ts), and that is final: its tickets are sold.
 */
export function createBatchMetrics(metrics: Metrics) {
  const decidedTotal = metrics.counter("orders_decided_total");
  const ticketsSold = metrics.counter("tickets_sold_total");
  const decisionDuration = metrics.histogram("order_decision_duration_seconds");
  const batchSize = metrics.histogram("allocation_batch_size");

  return (orders: readonly DecidedOrder[], decidedAtMs: number): void => {
    batchSize.observe(orders.length);
    let sold = 0;
    const countByReason = new Map<string | null, number>();
    for (const { reason, quantity, createdAtMs } of orders) {
      countByReason.set(reason, (countByReason.get(reason) ?? 0) + 1);
      if (reason === null) sold += quantity;
      decisionDuration.observe(Math.max(0, decidedAtMs - createdAtMs) / 1_000);
    }
    ticketsSold.inc(sold);
    for (const [reason, count] of countByReason) {
      decidedTotal.inc({ outcome: reason === null ? "confirmed" : "rejected", reason: reason ?? "none" }, count);
    }
  };
}
