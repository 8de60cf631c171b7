import { type Dashboard, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Board, finish, frame } from "./frame.ts";
import { bars, chart, heatmap, quantile, quantiles, stat } from "./panels.ts";

/** The dashboard *Webhooks*: attempts and undelivered webhooks. */
export function webhooksDashboard(): Dashboard {
  const dashboard = frame("Webhooks", "Whether receivers get their webhooks.");
  addHeadline(dashboard);
  addAttempts(dashboard.withRow(new RowBuilder("Attempts")));
  addUndelivered(dashboard.withRow(new RowBuilder("Undelivered")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  const delivered = 'sum(increase(webhook_attempts_total{result="delivered"}[$__range]))';
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
        expr: `${delivered} / (sum(increase(webhook_attempts_total[$__range])) > 0)`,
        unit: "percentunit",
        decimals: 1,
        span: 6,
        steps: ["red", [0.5, "yellow"], [0.95, "green"]],
      }),
    )
    .withPanel(
      stat({
        title: "Oldest undelivered",
        description:
          "The age of the oldest webhook that an enabled endpoint has not received yet. More than an hour is a ticket.",
        expr: "max(webhook_oldest_undelivered_age_seconds)",
        unit: "s",
        span: 6,
        steps: ["green", [300, "yellow"], [3_600, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Receivers' P95",
        description: "95 of 100 attempts take less. An attempt ends after 15 s.",
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
        description: "docs/webhooks.md explains the results.",
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
        description: "From the request to the end of the receiver's answer.",
        unit: "s",
        span: 12,
        queries: quantiles("webhook_attempt_duration_seconds"),
      }),
    )
    .withPanel(
      heatmap({
        title: "Time of an attempt",
        description: "Separate bands are receivers of different speed.",
        unit: "s",
        span: 12,
        metric: "webhook_attempt_duration_seconds_bucket",
      }),
    );
}

function addUndelivered(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Age of the oldest undelivered webhook",
        description: "A single receiver that is down raises it. Retries go on for three days.",
        unit: "s",
        span: 12,
        queries: [{ expr: "max(webhook_oldest_undelivered_age_seconds)", legend: "oldest", color: "orange" }],
      }),
    )
    .withPanel(
      chart({
        title: "Delivery jobs by state",
        description: "Jobs of the queue `deliver`. There is one per endpoint.",
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
