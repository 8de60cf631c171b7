import type { Returned } from "@onsale/database/statements/allocation/apply-returns";
import type { Metrics } from "@onsale/observability/metrics";

/** Counts the tickets that came back, whoever applied them: the returns' own loop, or a batch with late payments. */
export function createReturnMetrics(metrics: Metrics) {
  const applied = metrics.counter("returns_applied_total");
  const closed = metrics.counter("orders_closed_total");
  return ({ expiredCount, returnedCount }: Pick<Returned, "expiredCount" | "returnedCount">): void => {
    applied.inc({ cause: "expiry" }, expiredCount);
    applied.inc({ cause: "return" }, returnedCount);
    closed.inc({ outcome: "expired" }, expiredCount);
  };
}
