// Counts what requests did to orders after their first decision, in the gateways and in the admin service.
import type { PlannedTransition } from "@onsale/database/transitions/plan";
import { countTickets } from "@onsale/domain/decide";
import type { Metrics } from "@onsale/observability/metrics";

/** Returns what counts transitions; it is called once they are committed. */
export function createTransitionMetrics(metrics: Metrics): (transitions: readonly PlannedTransition[]) => void {
  const closed = metrics.counter("orders_closed_total");
  const ticketsSold = metrics.counter("tickets_sold_total");
  const holdDuration = metrics.histogram("hold_duration_seconds");

  return (transitions) => {
    for (const { from, to, items, atMs, decidedAtMs } of transitions) {
      if (from === to) continue;
      closed.inc({ outcome: to.toLowerCase() });
      if (to !== "CONFIRMED") continue;
      ticketsSold.inc(countTickets(items));
      if (decidedAtMs !== null) holdDuration.observe(Math.max(0, atMs - decidedAtMs) / 1_000);
    }
  };
}
