// A process describes itself once a second, for people who look at the installation. It goes on when nobody can take the
// report: a process that works and cannot say so is shown as missing, and comes back by itself.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Metrics } from "./metrics.ts";

/** What a process tells of itself. */
export type ProcessReport = Readonly<{
  id: string;
  kind: string;
  host: string;
  pid: number;
  version: string;
  startedAt: Date;
  figures: Readonly<Record<string, number>>;
}>;

/** Where the reports go. */
export type ReportSink = Readonly<{
  write: (report: ProcessReport) => Promise<unknown>;
  /** The process stops in good order. */
  remove: (id: string) => Promise<unknown>;
}>;

const intervalMs = 1_000;

/** The metrics that people look at while a sale runs. */
const reported = [
  "orders_accepted_total",
  "admission_rejected_total",
  "accept_batch_size",
  "enqueue_failures_total",
  "orders_decided_total",
  "tickets_sold_total",
  "purchase_conflict_total",
  "order_decision_duration_seconds",
  "allocation_batch_size",
  "reconciler_rescued_total",
  "db_transaction_retries_total",
  "webhook_attempts_total",
] as const;

/** Reports at once and then every second. `onError` is told about reports that could not be written. */
export function startProcessReports(
  kind: string,
  metrics: Metrics,
  sink: ReportSink,
  onError: (error: Error) => void,
): Readonly<{ close: () => Promise<void> }> {
  const closing = new AbortController();
  const startedAt = new Date(Date.now() - process.uptime() * 1_000);
  const identity = { id: randomUUID(), kind, host: hostname(), pid: process.pid, version: readVersion(), startedAt };

  async function report(): Promise<void> {
    const { user, system } = process.cpuUsage();
    const own = {
      process_cpu_seconds_total: (user + system) / 1_000_000,
      process_resident_memory_bytes: process.memoryUsage.rss(),
    };
    await sink.write({ ...identity, figures: { ...(await metrics.figures(reported)), ...own } });
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await report().catch(onError);
      await delay(intervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
      await sink.remove(identity.id);
    },
  };
}

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  return /"version": "([^"]{1,32})"/.exec(text)?.[1] ?? "unknown";
}
