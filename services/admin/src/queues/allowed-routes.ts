// What Bull Board may do here: show. All that it can change is refused, because BullMQ only schedules partitions and
// endpoints, and orders and deliveries are in PostgreSQL. What a removed or failed job was for is enqueued again, so
// retries, promotions and clean-ups of jobs achieve nothing. A limit, a foreign job or changed data of a job slow a
// sale without an error. Pausing, which can be useful, is done in the console, which also shows it.

/** The routes of Bull Board's API that answer, as its route table writes them. It refuses all others, also new ones. */
export const allowedRoutes: ReadonlySet<string> = new Set([
  "get /api/queues",
  "get /api/job-schedulers",
  "get /api/queues/:queueName/metrics",
  "get /api/queues/:queueName/default-job-options",
  "get /api/queues/:queueName/workers",
  "get /api/queues/:queueName/rate-limit",
  "get /api/queues/:queueName/job-data-schema",
  "get /api/queues/:queueName/:jobId/logs",
  "get /api/queues/:queueName/:jobId/flow",
  "get /api/queues/:queueName/:jobId",
]);

/** The answer to every other request. */
export const refusal =
  "Bull Board only shows the queues here. The console at / can pause and release them; see docs/console.md.";
