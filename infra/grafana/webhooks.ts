import { type Dashboard, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { finish, frame } from "./frame.ts";
import { bars, chart, heatmap, quantile, quantiles, stat } from "./panels.ts";

type Board = ReturnType<typeof frame>;

/** Whether receivers learn what became of orders. */
export function webhooksDashboard(): Dashboard {
  const dashboard = frame("Webhooks", "Whether receivers learn what became of orders.");
  addHeadline(dashboard);
  addAttempts(dashboard.withRow(new RowBuilder("Attempts")));
  addWaiting(dashboard.withRow(new RowBuilder("Waiting")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  dashboard
    .withPanel(
      stat({
        title: "Attempts per second",
        description: "POSTs to receivers, by all notifiers.",
        expr: "sum(rate(webhook_attempts_total[$__rate_interval]))",
        unit: "ops",
        span: 6,
        steps: ["blue"],
      }),
    )
    .withPanel(
      stat({
        title: "Delivered",
        description: "Share of the attempts of the chosen time that a receiver answered with 2xx.",
        expr: 'sum(increase(webhook_attempts_total{result="delivered"}[$__range])) / (sum(increase(webhook_attempts_total[$__range])) > 0)',
        unit: "percentunit",
        decimals: 1,
        span: 6,
        steps: ["red", [0.5, "yellow"], [0.95, "green"]],
      }),
    )
    .withPanel(
      stat({
        title: "Oldest undelivered",
        description: "The oldest fact that an enabled endpoint has not received yet. An hour opens a ticket.",
        expr: "max(webhook_oldest_undelivered_age_seconds)",
        unit: "s",
        span: 6,
        steps: ["green", [300, "yellow"], [3_600, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Receivers' P95",
        description: "19 of 20 attempts take less; after 15 s an attempt is given up.",
        expr: quantile(0.95, "webhook_attempt_duration_seconds"),
        unit: "s",
        span: 6,
        steps: ["green", [1, "yellow"], [5, "red"]],
      }),
    );
}

function addAttempts(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Attempts by result",
        description: "docs/webhooks.md says what each result means.",
        unit: "ops",
        span: 12,
        stacked: true,
        queries: [{ expr: "sum by (result) (rate(webhook_attempts_total[$__rate_interval]))", legend: "{{result}}" }],
      }),
    )
    .withPanel(
      bars({
        title: "Failed attempts",
        description: "By result, over the chosen time.",
        span: 12,
        query: {
          expr: 'sum by (result) (increase(webhook_attempts_total{result!="delivered"}[$__range])) > 0',
          legend: "{{result}}",
        },
        steps: ["yellow", [100, "orange"], [1_000, "red"]],
      }),
    )
    .withPanel(
      chart({
        title: "Time of an attempt",
        description: "Up to the end of the receiver's answer.",
        unit: "s",
        span: 12,
        queries: quantiles("webhook_attempt_duration_seconds"),
      }),
    )
    .withPanel(
      heatmap({
        title: "Time of an attempt",
        description: "Two bands are two kinds of receivers.",
        unit: "s",
        span: 12,
        metric: "webhook_attempt_duration_seconds_bucket",
      }),
    );
}

function addWaiting(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Age of the oldest undelivered fact",
        description: "One receiver that is down is enough to raise it; retries go on for three days.",
        unit: "s",
        span: 12,
        queries: [{ expr: "max(webhook_oldest_undelivered_age_seconds)", legend: "oldest", color: "orange" }],
      }),
    )
    .withPanel(
      chart({
        title: "Endpoints being served, and waiting to be",
        description: "Jobs of the deliver queue; there is one per endpoint.",
        span: 12,
        stacked: true,
        queries: [
          {
            expr: 'max by (state) (queue_jobs{queue="deliver", state=~"active|waiting|delayed|failed"})',
            legend: "{{state}}",
          },
        ],
      }),
    );
}
