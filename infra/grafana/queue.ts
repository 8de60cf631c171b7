import { type Dashboard, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Board, finish, frame } from "./frame.ts";
import { average, chart, heatmap, quantiles, stat } from "./panels.ts";

/** The dashboard *Queue*: orders between acceptance and decision. */
export function queueDashboard(): Dashboard {
  const dashboard = frame("Queue", "Orders between acceptance and decision, and the batches that decide them.");
  addHeadline(dashboard);
  addPending(dashboard.withRow(new RowBuilder("Pending")));
  addBatches(dashboard.withRow(new RowBuilder("Batches")));
  addFaults(dashboard.withRow(new RowBuilder("Faults")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  dashboard
    .withPanel(
      stat({
        title: "Orders pending",
        description: "Orders without a decision, in the whole installation.",
        expr: "max(orders_pending)",
        decimals: 0,
        span: 6,
        steps: ["green", [10_000, "yellow"], [100_000, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Oldest pending",
        description: "The age of the oldest pending order. More than 15 s for one minute is a page.",
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
        description: "How many purchases a gateway commits in one transaction, on average.",
        expr: average("accept_batch_size"),
        decimals: 1,
        span: 6,
        steps: ["blue"],
      }),
    )
    .withPanel(
      stat({
        title: "Orders per allocation",
        description: "How many orders a worker decides in one transaction, on average.",
        expr: average("allocation_batch_size"),
        decimals: 1,
        span: 6,
        steps: ["blue"],
      }),
    );
}

function addPending(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Orders pending",
        description: "In the whole installation. Every process reports the same number.",
        span: 8,
        queries: [{ expr: "max(orders_pending)", legend: "pending", color: "blue" }],
      }),
    )
    .withPanel(
      chart({
        title: "Age of the oldest pending order",
        description: "While no order is decided, it rises by one second per second.",
        unit: "s",
        span: 8,
        queries: [{ expr: "max(order_oldest_pending_age_seconds)", legend: "oldest", color: "orange" }],
      }),
    )
    .withPanel(
      chart({
        title: "Jobs by state",
        description: "There is at most one job per partition with pending orders, never one per order.",
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
        description:
          "From acceptance to decision. A column is a moment, a cell the number of orders that took that long.",
        unit: "s",
        span: 12,
        metric: "order_decision_duration_seconds_bucket",
      }),
    )
    .withPanel(
      chart({
        title: "Active jobs by partition",
        description: "Shows how evenly the events are spread over the queues.",
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
        description: "Under load, batches grow.",
        span: 8,
        metric: "allocation_batch_size_bucket",
      }),
    )
    .withPanel(
      heatmap({
        title: "Orders per accepting insert",
        description: "Purchases that arrive within the same milliseconds share a commit.",
        span: 8,
        metric: "accept_batch_size_bucket",
      }),
    )
    .withPanel(
      chart({
        title: "Time to read, decide and write a batch",
        description: "The duration of one transaction of a worker.",
        unit: "s",
        span: 8,
        queries: quantiles("allocation_duration_seconds"),
      }),
    );
}

function addFaults(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Queues held back",
        description: "Queues whose jobs workers may not all take: paused, limited, or blocked by jobs of others.",
        span: 24,
        queries: [{ expr: "max by (queue, restriction) (queue_restricted) > 0", legend: "{{queue}}: {{restriction}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "Jobs that could not be enqueued",
        description: "The reconciler finds their orders.",
        unit: "ops",
        span: 8,
        queries: [{ expr: "sum by (job) (rate(enqueue_failures_total[$__rate_interval]))", legend: "{{job}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "Partitions rescued by the reconciler",
        description: "Jobs that the reconciler enqueued for partitions with pending orders and no job.",
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
        description: "By SQLSTATE: 40001 and 40P01 are conflicts, 55P03 is a lock that was not available.",
        unit: "ops",
        span: 8,
        queries: [
          { expr: "sum by (sqlstate) (rate(db_transaction_retries_total[$__rate_interval]))", legend: "{{sqlstate}}" },
        ],
      }),
    );
}
