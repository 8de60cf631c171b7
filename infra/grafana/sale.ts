import { type Dashboard, RowBuilder, TextBoxVariableBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { finish, frame } from "./frame.ts";
import { bars, chart, gauge, quantile, quantiles, stat } from "./panels.ts";

const requests = "http_server_request_duration_seconds";
const demoStock = "6000";
/** Requests without streams: a stream lasts for as long as its client watches, so its duration says nothing. */
const answered = '{route=~"/api/.*", route!~".*/stream"}';

/** The dashboard *Sale*: what is sold and how fast. */
export function saleDashboard(): Dashboard {
  const dashboard = frame("Sale", "What is sold, how fast, and how the API answers buyers.").withVariable(
    new TextBoxVariableBuilder("stock")
      .label("Tickets on sale")
      .description("The total for the panel Sell-through; the demo event has 6,000 tickets.")
      .defaultValue(demoStock)
      .current({ selected: true, text: demoStock, value: demoStock }),
  );
  addHeadline(dashboard);
  addOrders(dashboard.withRow(new RowBuilder("Orders")));
  addHolds(dashboard.withRow(new RowBuilder("Holds, payments and returns")));
  addLatency(dashboard.withRow(new RowBuilder("Latency")));
  addRequests(dashboard.withRow(new RowBuilder("HTTP")));
  addObjectives(dashboard.withRow(new RowBuilder("Objectives")));
  return finish(dashboard);
}

type Board = ReturnType<typeof frame>;

function addHeadline(dashboard: Board): void {
  dashboard
    .withPanel(
      stat({
        title: "Tickets sold",
        description: "Tickets in orders that were confirmed in the chosen time.",
        expr: "sum(increase(tickets_sold_total[$__range]))",
        decimals: 0,
        span: 5,
        steps: ["green"],
      }),
    )
    .withPanel(
      gauge({
        title: "Sell-through",
        description: "Tickets sold in the chosen time, as a share of the tickets on sale, which you set above.",
        expr: "clamp_max(sum(increase(tickets_sold_total[$__range])) / $stock, 1)",
        span: 4,
        steps: ["blue", [0.5, "green"], [0.9, "yellow"], [0.99, "purple"]],
      }),
    )
    .withPanel(
      stat({
        title: "Orders decided per second",
        description: "Confirmed and rejected orders of all workers.",
        expr: "sum(rate(orders_decided_total[$__rate_interval]))",
        unit: "ops",
        span: 4,
        steps: ["blue"],
      }),
    )
    .withPanel(
      stat({
        title: "Decision P95",
        description: "95 of 100 orders are decided faster than this after their acceptance.",
        expr: quantile(0.95, "order_decision_duration_seconds"),
        unit: "s",
        span: 4,
        steps: ["green", [1, "yellow"], [2.5, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Decision P99",
        description: "99 of 100 orders are decided faster than this after their acceptance.",
        expr: quantile(0.99, "order_decision_duration_seconds"),
        unit: "s",
        span: 4,
        steps: ["green", [1, "yellow"], [2.5, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Conflicts",
        description: "Optimistic batches of the chosen time that conflicted with another worker's and were run again.",
        expr: "sum(increase(purchase_conflict_total[$__range]))",
        decimals: 0,
        span: 3,
        steps: ["green", [100, "yellow"], [1_000, "red"]],
      }),
    );
}

function addOrders(dashboard: Board): void {
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
        description: "Purchases that were refused without an order: sold out, or the gateway was overloaded.",
        unit: "ops",
        span: 8,
        stacked: true,
        queries: [{ expr: "sum by (reason) (rate(admission_rejected_total[$__rate_interval]))", legend: "{{reason}}" }],
      }),
    );
}

function addHolds(dashboard: Board): void {
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
    );
}

function addLatency(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "From acceptance to decision",
        description: "How long buyers wait for their decision.",
        unit: "s",
        span: 12,
        queries: quantiles("order_decision_duration_seconds"),
      }),
    )
    .withPanel(
      chart({
        title: "HTTP answers of the API",
        description: "Time to the end of the answer. A request with Prefer: wait is answered after the decision.",
        unit: "s",
        span: 12,
        queries: quantiles(requests, answered),
      }),
    );
}

function addRequests(dashboard: Board): void {
  const byRoute = `sum by (le, method, route) (rate(${requests}_bucket${answered}[$__range]))`;
  dashboard
    .withPanel(
      chart({
        title: "Requests by status",
        description: "All routes of all gateways.",
        unit: "reqps",
        span: 12,
        stacked: true,
        queries: [{ expr: `sum by (status) (rate(${requests}_count[$__rate_interval]))`, legend: "{{status}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "Requests by route",
        description: "Routes with the names of their parameters, never with values.",
        unit: "reqps",
        span: 12,
        queries: [
          {
            expr: `topk(8, sum by (method, route) (rate(${requests}_count[$__rate_interval])))`,
            legend: "{{method}} {{route}}",
          },
        ],
      }),
    )
    .withPanel(
      bars({
        title: "Slowest routes, P95",
        description: "Over the chosen time.",
        unit: "s",
        span: 12,
        query: {
          expr: `topk(6, histogram_quantile(0.95, ${byRoute}) >= 0)`,
          legend: "{{method}} {{route}}",
        },
        steps: ["green", [0.25, "yellow"], [1, "red"]],
      }),
    )
    .withPanel(
      chart({
        title: "Purchases by idempotency key",
        description: "New purchases, and repetitions that were answered with the same order.",
        unit: "ops",
        span: 12,
        stacked: true,
        queries: [
          { expr: "sum by (result) (rate(idempotency_requests_total[$__rate_interval]))", legend: "{{result}}" },
        ],
      }),
    );
}

function addObjectives(dashboard: Board): void {
  dashboard
    .withPanel(
      stat({
        title: "Invariant violations",
        description: "Violations that audits found in the chosen time. Any number but 0 is an emergency.",
        expr: "sum(increase(invariant_violations_total[$__range]))",
        decimals: 0,
        span: 8,
        steps: ["green", [1, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "API requests that failed (1 h)",
        description: "Share of answers with a 5xx. The objective allows 0.1 % in 30 days.",
        expr: "onsale:request_errors:ratio_rate1h or vector(0)",
        unit: "percentunit",
        decimals: 3,
        span: 8,
        steps: ["green", [0.001, "yellow"], [0.0144, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Orders decided late (1 h)",
        description:
          "Share of orders decided more than 2.5 s after their acceptance. The objective allows 1 % in 30 days.",
        expr: "onsale:slow_decisions:ratio_rate1h or vector(0)",
        unit: "percentunit",
        decimals: 2,
        span: 8,
        steps: ["green", [0.01, "yellow"], [0.144, "red"]],
      }),
    );
}
