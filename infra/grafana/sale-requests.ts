// Panels of the dashboard *Sale* about requests, their duration, and the objectives.
import type { Board } from "./frame.ts";
import { bars, chart, quantiles, stat } from "./panels.ts";

const requests = "http_server_request_duration_seconds";
/** Requests without streams: a stream lasts for as long as its client watches, so its duration says nothing. */
const answered = '{route=~"/api/.*", route!~".*/stream"}';

/** How long buyers wait, for a decision and for an answer. */
export function addLatency(dashboard: Board): void {
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

/** How the API answers. */
export function addRequests(dashboard: Board): void {
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

/** How far the service-level objectives are kept. */
export function addObjectives(dashboard: Board): void {
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
