import { type Dashboard, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { finish, frame } from "./frame.ts";
import { average, chart, heatmap, quantiles, stat } from "./panels.ts";

type Board = ReturnType<typeof frame>;

/** What waits between acceptance and decision, and how batches carry it. */
export function queueDashboard(): Dashboard {
  const dashboard = frame("Queue", "What waits between acceptance and decision, and how batches carry it.");
  addHeadline(dashboard);
  addWaiting(dashboard.withRow(new RowBuilder("Waiting")));
  addBatches(dashboard.withRow(new RowBuilder("Batches")));
  addTrouble(dashboard.withRow(new RowBuilder("Trouble")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  dashboard
    .withPanel(
      stat({
        title: "Orders pending",
        description: "Waiting for a decision, in the whole installation.",
        expr: "max(orders_pending)",
        decimals: 0,
        span: 6,
        steps: ["green", [10_000, "yellow"], [100_000, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Oldest pending",
        description: "15 s for a minute pages somebody.",
        expr: "max(order_oldest_pending_age_seconds)",
        unit: "s",
        decimals: 1,
        span: 6,
        steps: ["green", [5, "yellow"], [15, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Orders per accepting insert",
        description: "How many purchases one commit of a gateway carries.",
        expr: average("accept_batch_size"),
        decimals: 1,
        span: 6,
        steps: ["blue"],
      }),
    )
    .withPanel(
      stat({
        title: "Orders per allocation",
        description: "How many orders one transaction of a worker decides.",
        expr: average("allocation_batch_size"),
        decimals: 1,
        span: 6,
        steps: ["blue"],
      }),
    );
}

function addWaiting(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Orders pending",
        description: "A gauge of the whole installation; every process reports the same.",
        span: 8,
        queries: [{ expr: "max(orders_pending)", legend: "pending", color: "blue" }],
      }),
    )
    .withPanel(
      chart({
        title: "Age of the oldest pending order",
        description: "Rises by one second a second while nothing is decided.",
        unit: "s",
        span: 8,
        queries: [{ expr: "max(order_oldest_pending_age_seconds)", legend: "oldest", color: "orange" }],
      }),
    )
    .withPanel(
      chart({
        title: "Jobs by state",
        description: "One job per partition that has pending orders, never one per order.",
        span: 8,
        stacked: true,
        queries: [
          {
            expr: 'sum by (state) (max by (queue, state) (queue_jobs{queue=~"allocate-.+", state!="completed"}))',
            legend: "{{state}}",
          },
        ],
      }),
    )
    .withPanel(
      heatmap({
        title: "Decision time",
        description: "From acceptance to decision: each column is a moment, each cell how many orders took that long.",
        unit: "s",
        span: 12,
        metric: "order_decision_duration_seconds_bucket",
      }),
    )
    .withPanel(
      chart({
        title: "Active jobs by partition",
        description: "How evenly the events are spread over the queues.",
        span: 12,
        stacked: true,
        queries: [
          {
            expr: 'max by (queue) (queue_jobs{queue=~"allocate-.+", state=~"active|waiting"})',
            legend: "{{queue}}",
          },
        ],
      }),
    );
}

function addBatches(dashboard: Board): void {
  dashboard
    .withPanel(
      heatmap({
        title: "Orders per allocation",
        description: "Batches grow by themselves under load.",
        span: 8,
        metric: "allocation_batch_size_bucket",
      }),
    )
    .withPanel(
      heatmap({
        title: "Orders per accepting insert",
        description: "Purchases of the same milliseconds share a commit.",
        span: 8,
        metric: "accept_batch_size_bucket",
      }),
    )
    .withPanel(
      chart({
        title: "Time to read, decide and write a batch",
        description: "What one transaction of a worker takes.",
        unit: "s",
        span: 8,
        queries: quantiles("allocation_duration_seconds"),
      }),
    );
}

function addTrouble(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Jobs that could not be enqueued",
        description: "Their orders are found by the reconciler.",
        unit: "ops",
        span: 8,
        queries: [{ expr: "sum by (job) (rate(enqueue_failures_total[$__rate_interval]))", legend: "{{job}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "Partitions rescued by the reconciler",
        description: "Jobs for partitions with pending orders that no job would have come for.",
        unit: "ops",
        span: 8,
        queries: [
          { expr: "sum(rate(reconciler_rescued_total[$__rate_interval]))", legend: "rescued", color: "orange" },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Transactions run again",
        description: "By PostgreSQL's SQLSTATE: 40001 and 40P01 are conflicts, 55P03 a lock that was not free.",
        unit: "ops",
        span: 8,
        queries: [
          { expr: "sum by (sqlstate) (rate(db_transaction_retries_total[$__rate_interval]))", legend: "{{sqlstate}}" },
        ],
      }),
    );
}
