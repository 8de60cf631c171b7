// All metrics, with their labels and their help; docs/metrics.md is generated from this list.
/** One metric; `from` names the services that expose it. */
export type MetricDefinition = Readonly<{
  type: "counter" | "gauge" | "histogram";
  help: string;
  labels: readonly string[];
  buckets?: readonly number[];
  from: readonly ("gateway" | "worker" | "notifier" | "admin")[];
}>;

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const decisionBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** A hold lasts for up to an hour, and can be extended once by another. */
const holdBuckets = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];
const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/**
 * Every metric by its name. Names and labels are a contract: dashboards and alerts use only these. No label ever has
 * an order, an account or an event as its value, because each value is a time series of its own.
 */
export const metricCatalogue = {
  http_server_request_duration_seconds: {
    type: "histogram",
    help: "Time from a request's headers to the end of its answer",
    labels: ["method", "route", "status"],
    buckets: requestBuckets,
    from: ["gateway"],
  },
  orders_accepted_total: { type: "counter", help: "Orders recorded", labels: [], from: ["gateway"] },
  idempotency_requests_total: {
    type: "counter",
    help: "Purchases by their Idempotency-Key: new, replayed, reused or invalid",
    labels: ["result"],
    from: ["gateway"],
  },
  admission_rejected_total: {
    type: "counter",
    help: "Requests refused: purchases not recorded, streams over the limit, no valid API key, over a rate limit",
    labels: ["reason"],
    from: ["gateway"],
  },
  orders_pending_limit: {
    type: "gauge",
    help: "Pending orders of all events from which on this gateway refuses purchases (PENDING_SECONDS_MAX)",
    labels: [],
    from: ["gateway"],
  },
  forwarded_ignored_total: {
    type: "counter",
    help: "Connections whose X-Forwarded-For was ignored, because TRUST_PROXY does not name their address",
    labels: [],
    from: ["gateway"],
  },
  wait_slots: {
    type: "gauge",
    help: "Requests and streams that may wait at a time in this gateway (WAITERS_MAX)",
    labels: [],
    from: ["gateway"],
  },
  wait_slots_taken: {
    type: "gauge",
    help: "Requests and streams that wait in this gateway, by kind: request or stream",
    labels: ["kind"],
    from: ["gateway"],
  },
  accept_batch_size: {
    type: "histogram",
    help: "Purchases in one insert",
    labels: [],
    buckets: batchBuckets,
    from: ["gateway"],
  },
  enqueue_failures_total: {
    type: "counter",
    help: "Allocate jobs that could not be enqueued; the reconciler finds their orders",
    labels: [],
    from: ["gateway", "worker"],
  },
  invariant_violations_total: {
    type: "counter",
    help: "Violations of invariants that audits found, both requested audits and the gateways' own",
    labels: [],
    from: ["gateway", "admin"],
  },
  orders_decided_total: {
    type: "counter",
    help: "Orders that got their first decision",
    labels: ["outcome", "reason"],
    from: ["worker"],
  },
  late_payments_decided_total: {
    type: "counter",
    help: "Payments after a hold had expired, by outcome: confirmed, or refused because the tickets were gone",
    labels: ["outcome"],
    from: ["worker"],
  },
  orders_closed_total: {
    type: "counter",
    help: "Orders that ended after their first decision, by outcome: confirmed (a hold), cancelled or expired",
    labels: ["outcome"],
    from: ["gateway", "worker", "admin"],
  },
  holds_open: {
    type: "gauge",
    help: "Tickets that are held in the whole installation, those of overdue holds too (do not add up over processes)",
    labels: [],
    from: ["worker"],
  },
  hold_oldest_due_age_seconds: {
    type: "gauge",
    help: "For how long the hold that expired first has waited for its end, in the whole installation; 0 when none does",
    labels: [],
    from: ["worker"],
  },
  hold_duration_seconds: {
    type: "histogram",
    help: "Time from an order's first decision to its confirmation before the hold expired",
    labels: [],
    buckets: holdBuckets,
    from: ["gateway", "admin"],
  },
  returns_applied_total: {
    type: "counter",
    help: "Orders whose tickets were put on sale again, by cause: expiry, or return (cancelled)",
    labels: ["cause"],
    from: ["worker"],
  },
  orders_waiting: {
    type: "gauge",
    help: "Orders on waiting lists in the whole installation (do not add up over processes)",
    labels: [],
    from: ["worker"],
  },
  offer_oldest_due_age_seconds: {
    type: "gauge",
    help: "For how long returned tickets have not been offered to a waiting list, in the whole installation",
    labels: [],
    from: ["worker"],
  },
  offers_made_total: {
    type: "counter",
    help: "Orders on waiting lists that were offered tickets",
    labels: [],
    from: ["worker"],
  },
  event_cancellations_remaining: {
    type: "gauge",
    help: "Orders of cancelled events that are not cancelled yet, in the whole installation",
    labels: [],
    from: ["worker"],
  },
  tickets_sold_total: {
    type: "counter",
    help: "Tickets of orders when they were confirmed",
    labels: [],
    from: ["gateway", "worker", "admin"],
  },
  purchase_conflict_total: {
    type: "counter",
    help: "Batches that were run again because another worker changed the stock first",
    labels: [],
    from: ["worker"],
  },
  order_decision_duration_seconds: {
    type: "histogram",
    help: "Time from the acceptance of an order to its first decision",
    labels: [],
    buckets: decisionBuckets,
    from: ["worker"],
  },
  allocation_batch_size: {
    type: "histogram",
    help: "Orders that got their first decision in one transaction",
    labels: [],
    buckets: batchBuckets,
    from: ["worker"],
  },
  allocation_duration_seconds: {
    type: "histogram",
    help: "Time to read, decide and write one batch",
    labels: [],
    buckets: requestBuckets,
    from: ["worker"],
  },
  reconciler_rescued_total: {
    type: "counter",
    help: "Jobs that the reconciler enqueued for a partition with orders left behind",
    labels: [],
    from: ["worker"],
  },
  db_transaction_retries_total: {
    type: "counter",
    help: "Transactions that were run again after a conflict with another one",
    labels: ["sqlstate"],
    from: ["gateway", "worker", "admin"],
  },
  orders_pending: {
    type: "gauge",
    help: "Pending orders in the whole installation (do not add up over processes)",
    labels: [],
    from: ["gateway", "worker"],
  },
  order_oldest_pending_age_seconds: {
    type: "gauge",
    help: "Age of the oldest pending order in the whole installation",
    labels: [],
    from: ["gateway", "worker"],
  },
  db_oldest_snapshot_age_seconds: {
    type: "gauge",
    help: "Age of the oldest snapshot that keeps old versions of rows, by kind: transaction, prepared, replica or slot",
    labels: ["kind"],
    from: ["worker"],
  },
  queue_jobs: {
    type: "gauge",
    help: "BullMQ jobs by queue and state in the whole installation",
    labels: ["queue", "state"],
    from: ["gateway", "worker", "notifier"],
  },
  queue_restricted: {
    type: "gauge",
    help: "1 while workers may not take every job of a queue: paused, rate-limit, concurrency or foreign-jobs",
    labels: ["queue", "restriction"],
    from: ["worker", "notifier"],
  },
  webhook_attempts_total: {
    type: "counter",
    help: "Attempts to deliver a webhook, by how they ended (docs/webhooks.md)",
    labels: ["result"],
    from: ["notifier"],
  },
  webhook_attempt_duration_seconds: {
    type: "histogram",
    help: "Time of one attempt, up to the end of the receiver's answer",
    labels: [],
    buckets: requestBuckets,
    from: ["notifier"],
  },
  webhook_oldest_undelivered_age_seconds: {
    type: "gauge",
    help: "Age of the oldest fact that an enabled endpoint has not received yet, in the whole installation",
    labels: [],
    from: ["notifier"],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricCatalogue;
