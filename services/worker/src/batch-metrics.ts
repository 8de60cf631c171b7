import type { Metrics } from "@onsale/observability/metrics";
import type { DecidedEntry } from "./decided-event.ts";

/**
 * Counts the decisions of a batch. There are few outcomes and reasons, so each pair is counted once per batch. A late
 * payment is no first decision, so it has no time from acceptance to decision.
 */
export function createBatchMetrics(metrics: Metrics) {
  const decidedTotal = metrics.counter("orders_decided_total");
  const latePayments = metrics.counter("late_payments_decided_total");
  const ticketsSold = metrics.counter("tickets_sold_total");
  const decisionDuration = metrics.histogram("order_decision_duration_seconds");
  const batchSize = metrics.histogram("allocation_batch_size");

  return (entries: readonly DecidedEntry[], decidedAtMs: number): void => {
    batchSize.observe(entries.length);
    let sold = 0;
    const countByOutcome = new Map<string, Map<string, number>>();
    for (const { status, decision, ticketCount, createdAtMs, paymentId } of entries) {
      if (status === "CONFIRMED") sold += ticketCount;
      if (paymentId !== null) {
        latePayments.inc({ outcome: status === "CONFIRMED" ? "confirmed" : "refused" });
        continue;
      }
      decisionDuration.observe(Math.max(0, decidedAtMs - createdAtMs) / 1_000);
      const reason = decision.kind === "refused" ? decision.reason : "none";
      const countByReason = countByOutcome.get(status) ?? new Map<string, number>();
      countByOutcome.set(status, countByReason);
      countByReason.set(reason, (countByReason.get(reason) ?? 0) + 1);
    }
    ticketsSold.inc(sold);
    for (const [status, countByReason] of countByOutcome) {
      for (const [reason, count] of countByReason) decidedTotal.inc({ outcome: status.toLowerCase(), reason }, count);
    }
  };
}
