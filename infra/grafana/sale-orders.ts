// Panels of the dashboard *Sale* about orders.
import type { Board } from "./frame.ts";
import { chart, quantiles } from "./panels.ts";

/** Accepted, decided and waiting orders. */
export function addOrders(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Accepted and decided",
        description: "Where accepted is above decided, the number of pending orders grows.",
        unit: "ops",
        span: 12,
        queries: [
          { expr: "sum(rate(orders_accepted_total[$__rate_interval]))", legend: "accepted", color: "blue" },
          { expr: "sum(rate(orders_decided_total[$__rate_interval]))", legend: "decided", color: "green" },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Decisions by outcome and reason",
        description: "The answers to buyers.",
        unit: "ops",
        span: 12,
        stacked: true,
        queries: [
          {
            expr: "sum by (outcome, reason) (rate(orders_decided_total[$__rate_interval]))",
            legend: "{{outcome}} {{reason}}",
          },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Tickets sold per second",
        description: "An order can have several tickets.",
        unit: "ops",
        span: 8,
        queries: [{ expr: "sum(rate(tickets_sold_total[$__rate_interval]))", legend: "tickets", color: "green" }],
      }),
    )
    .withPanel(
      chart({
        title: "Purchase conflicts",
        description:
          "Batches that conflicted with another worker's. Near zero, because one worker at a time serves an event.",
        unit: "ops",
        span: 8,
        queries: [{ expr: "sum(rate(purchase_conflict_total[$__rate_interval]))", legend: "conflicts", color: "red" }],
      }),
    )
    .withPanel(
      chart({
        title: "Refused purchases",
        description:
          "Purchases that were refused without an order: sold out, the queue was full, or the gateway was overloaded.",
        unit: "ops",
        span: 8,
        stacked: true,
        queries: [{ expr: "sum by (reason) (rate(admission_rejected_total[$__rate_interval]))", legend: "{{reason}}" }],
      }),
    );
}

/** What happens to orders after their decision: confirmed, cancelled, expired, paid late. */
export function addHolds(dashboard: Board): void {
  const closed = "sum by (outcome) (rate(orders_closed_total[$__rate_interval]))";
  dashboard
    .withPanel(
      chart({
        title: "Tickets held",
        description: "Tickets of orders that are not confirmed yet, in the whole installation.",
        span: 8,
        queries: [{ expr: "max(holds_open)", legend: "held", color: "orange" }],
      }),
    )
    .withPanel(
      chart({
        title: "Orders that ended",
        description: "What became of orders after their first decision: confirmed, cancelled or expired.",
        unit: "ops",
        span: 8,
        stacked: true,
        queries: [{ expr: closed, legend: "{{outcome}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "From hold to payment",
        description: "How long buyers take to pay, of those who pay in time.",
        unit: "s",
        span: 8,
        queries: quantiles("hold_duration_seconds"),
      }),
    )
    .withPanel(
      chart({
        title: "Orders whose tickets came back",
        description: "Put on sale again, because the hold expired or the order was cancelled.",
        unit: "ops",
        span: 8,
        stacked: true,
        queries: [{ expr: "sum by (cause) (rate(returns_applied_total[$__rate_interval]))", legend: "{{cause}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "Waiting lists",
        description: "Orders that wait for tickets, in the whole installation.",
        span: 8,
        queries: [{ expr: "max(orders_waiting)", legend: "waiting", color: "blue" }],
      }),
    )
    .withPanel(
      chart({
        title: "Offers",
        description: "Orders on waiting lists that were offered tickets.",
        unit: "ops",
        span: 8,
        queries: [{ expr: "sum(rate(offers_made_total[$__rate_interval]))", legend: "offers", color: "green" }],
      }),
    )
    .withPanel(
      chart({
        title: "Late payments",
        description: "Payments after the hold had expired. Those that were refused have to be refunded.",
        unit: "ops",
        span: 8,
        stacked: true,
        queries: [
          { expr: "sum by (outcome) (rate(late_payments_decided_total[$__rate_interval]))", legend: "{{outcome}}" },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Oldest overdue hold",
        description: "For how long a hold has been overdue; holds end within a second, 100,000 at once within 20.",
        unit: "s",
        span: 8,
        queries: [{ expr: "max(hold_oldest_due_age_seconds)", legend: "overdue", color: "red" }],
      }),
    )
    .withPanel(
      chart({
        title: "Cancelled events",
        description:
          "Orders of cancelled events that are still to be cancelled. Nobody can buy tickets of these events.",
        span: 8,
        queries: [{ expr: "max(event_cancellations_remaining)", legend: "remaining", color: "orange" }],
      }),
    );
}
