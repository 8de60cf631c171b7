// A process reports about itself once a second in the table `processes`, for people who watch the installation. A
// report that cannot be written is skipped: the process continues, and is shown as missing until a later report
// succeeds.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { ProcessLog } from "@onsale/database/statements/operations/report-process";
import { type Loop, startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";

const intervalMs = 1_000;

/** The metrics that people watch while a sale runs, and those that `onsale doctor` judges. */
const reportedMetrics = [
  "orders_accepted_total",
  "admission_rejected_total",
  "forwarded_ignored_total",
  "accept_batch_size",
  "enqueue_failures_total",
  "orders_decided_total",
  "orders_closed_total",
  "tickets_sold_total",
  "purchase_conflict_total",
  "order_decision_duration_seconds",
  "allocation_batch_size",
  "reconciler_rescued_total",
  "db_transaction_retries_total",
  "webhook_attempts_total",
] as const;

/**
 * Writes a report at once and then every second. `close` removes the process from the table, so that it is shown as
 * stopped and not as missing.
 *
 * @param kind `gateway`, `worker`, `notifier` or `admin`
 * @param onError told about reports that could not be written
 */
export function startProcessReports(
  kind: string,
  metrics: Metrics,
  log: ProcessLog,
  onError: (error: Error) => void,
): Pick<Loop, "close"> {
  const startedAt = new Date(Date.now() - process.uptime() * 1_000);
  const identity = { id: randomUUID(), kind, host: hostname(), pid: process.pid, version: readVersion(), startedAt };

  async function report(): Promise<void> {
    const { user, system } = process.cpuUsage();
    const figures = {
      ...(await metrics.figures(reportedMetrics)),
      process_cpu_seconds_total: (user + system) / 1_000_000,
      process_resident_memory_bytes: process.memoryUsage.rss(),
    };
    await log.write({ ...identity, figures });
  }

  const loop = startLoop({ run: report, pauseMs: intervalMs, onError });
  return {
    close: async () => {
      await loop.close();
      await log.remove(identity.id);
    },
  };
}

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  return /"version": "([^"]{1,32})"/.exec(text)?.[1] ?? "unknown";
}
