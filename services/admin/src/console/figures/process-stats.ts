// Totals and rates of all processes together, from their reports. A process's rates span about three seconds between
// two of its own reports, by the database's clock, so it does not matter when it reports and when the reports are read.
// The counts of a process that ended stay in the totals. A process that was only frozen or disconnected reports again
// under its id, and its earlier counts are not added twice.
import type { ProblemCode } from "@onsale/contracts/problem";
import type { ProcessRow } from "@onsale/database/statements/operations/list-processes";
import { metricCatalogue } from "@onsale/observability/metric-catalogue";
import type { AttemptLine, CountAndRate, ProcessLine, Rejection, Totals } from "../messages/messages.ts";
import { reasonWords } from "../present/reason-words.ts";
import { type Figures, gains, mean, quantiles, rates, type Span, sumBy, sumOf } from "./figures.ts";

const spanMs = 3_000;
/** A process without a report for this long is shown as missing, and adds nothing to the rates. */
const missingAfterSeconds = 5;
const msPerSecond = 1_000;
/** So many ended processes keep their counts apart, in case one of them reports again. */
const endedCountMax = 200;

/** Why a gateway answers a purchase without recording it. Other reasons in the same metric are of other requests. */
const purchaseReasons: ReadonlySet<string> = new Set<ProblemCode>([
  "sold-out",
  "sale-not-open",
  "sale-closed",
  "sale-paused",
  "order-limit",
  "queue-full",
  "overloaded",
  "dependency-unavailable",
]);

const decisionTime = {
  histogram: "order_decision_duration_seconds",
  bounds: metricCatalogue.order_decision_duration_seconds.buckets,
} as const;

type Sample = Readonly<{ atMs: number; figures: Figures }>;

export type ProcessStats = Readonly<{
  /** Takes the latest report of each process. */
  take: (rows: readonly ProcessRow[]) => void;
  totals: () => Totals;
  webhookAttempts: () => AttemptLine[];
  processes: () => ProcessLine[];
}>;

export function createProcessStats(): ProcessStats {
  let rows: readonly ProcessRow[] = [];
  /** By process, the oldest first. */
  const samplesById = new Map<string, readonly Sample[]>();
  /** The last figures of processes that have ended, the latest last. */
  const endedById = new Map<string, Figures>();
  /** The sum over the processes that ended before those. */
  let endedLongAgo: Figures = {};
  let peaks: Totals["peaks"] = { accepted: 0, decided: 0, ticketsSold: 0 };

  const lastFigures = (samples: readonly Sample[]): Figures => samples.at(-1)?.figures ?? {};

  function spanOf(id: string): Span | undefined {
    const samples = samplesById.get(id) ?? [];
    const first = samples[0];
    const last = samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return { from: first.figures, to: last.figures, seconds: (last.atMs - first.atMs) / msPerSecond };
  }

  const isUp = (row: ProcessRow) => row.ageSeconds < missingAfterSeconds;
  const spans = () => rows.filter(isUp).flatMap(({ id }) => spanOf(id) ?? []);
  const counted = () => sum([endedLongAgo, ...endedById.values(), ...[...samplesById.values()].map(lastFigures)]);

  function noteEnded(id: string, figures: Figures): void {
    endedById.set(id, figures);
    for (const [oldest, itsFigures] of endedById) {
      if (endedById.size <= endedCountMax) return;
      endedLongAgo = sum([endedLongAgo, itsFigures]);
      endedById.delete(oldest);
    }
  }

  return {
    take: (newRows) => {
      rows = newRows;
      const ids = new Set(rows.map((row) => row.id));
      for (const [id, samples] of samplesById) {
        if (ids.has(id)) continue;
        noteEnded(id, lastFigures(samples));
        samplesById.delete(id);
      }
      for (const { id, seenAtMs, figures } of rows) {
        endedById.delete(id);
        const before = samplesById.get(id) ?? [];
        if (before.at(-1)?.atMs === seenAtMs) continue;
        const recent = before.filter(({ atMs }) => atMs >= seenAtMs - spanMs - msPerSecond / 2);
        samplesById.set(id, [...recent, { atMs: seenAtMs, figures }]);
      }
      peaks = raisePeaks(peaks, rates(spans()));
    },
    totals: () => ({ ...presentTotals(counted(), spans()), peaks }),
    webhookAttempts: () => presentAttempts(counted(), rates(spans())),
    processes: () => rows.map((row) => presentProcess(row, isUp(row), spanOf(row.id))),
  };
}

function sum(all: readonly Figures[]): Figures {
  return gains(all.map((to) => ({ from: {}, to, seconds: 1 })));
}

function presentAttempts(counted: Figures, rate: Figures): AttemptLine[] {
  const perSecond = sumBy(rate, "webhook_attempts_total", "result");
  return [...sumBy(counted, "webhook_attempts_total", "result")].map(([result, total]) => ({
    result,
    total,
    perSecond: perSecond.get(result) ?? 0,
  }));
}

function raisePeaks(peaks: Totals["peaks"], rate: Figures): Totals["peaks"] {
  return {
    accepted: Math.max(peaks.accepted, sumOf(rate, "orders_accepted_total")),
    decided: Math.max(peaks.decided, sumOf(rate, "orders_decided_total")),
    ticketsSold: Math.max(peaks.ticketsSold, sumOf(rate, "tickets_sold_total")),
  };
}

function presentTotals(counted: Figures, spans: readonly Span[]): Omit<Totals, "peaks"> {
  const rate = rates(spans);
  const gained = gains(spans);
  const count = (metric: string): CountAndRate => ({ total: sumOf(counted, metric), perSecond: sumOf(rate, metric) });
  const outcome = (name: string): CountAndRate => ({
    total: sumBy(counted, "orders_decided_total", "outcome").get(name) ?? 0,
    perSecond: sumBy(rate, "orders_decided_total", "outcome").get(name) ?? 0,
  });
  const rejections = [
    ...reasons(counted, rate, "orders_decided_total", () => "order"),
    ...reasons(counted, rate, "admission_rejected_total", (reason) => {
      return purchaseReasons.has(reason) ? "purchase" : "request";
    }),
  ];
  const purchases = rejections.filter(({ what }) => what === "purchase");
  const decision = quantiles(gained, decisionTime, [0.5, 0.95, 0.99]);
  const [p50 = null, p95 = null, p99 = null] = decision.map((seconds) => seconds && seconds * msPerSecond);
  return {
    accepted: count("orders_accepted_total"),
    decided: count("orders_decided_total"),
    confirmed: outcome("confirmed"),
    rejected: outcome("rejected"),
    ticketsSold: count("tickets_sold_total"),
    turnedAway: {
      total: purchases.reduce((all, { total }) => all + total, 0),
      perSecond: purchases.reduce((all, { perSecond }) => all + perSecond, 0),
    },
    conflicts: count("purchase_conflict_total"),
    retries: count("db_transaction_retries_total"),
    rescued: count("reconciler_rescued_total"),
    enqueueFailures: count("enqueue_failures_total"),
    p50,
    p95,
    p99,
    acceptBatch: mean(gained, "accept_batch_size"),
    allocationBatch: mean(gained, "allocation_batch_size"),
    rejections,
  };
}

function reasons(
  counted: Figures,
  rate: Figures,
  metric: string,
  whatOf: (reason: string) => Rejection["what"],
): Rejection[] {
  const perSecond = sumBy(rate, metric, "reason");
  return [...sumBy(counted, metric, "reason")]
    .filter(([reason]) => reason !== "none")
    .map(([reason, total]) => ({
      reason,
      words: reasonWords(reason),
      what: whatOf(reason),
      total,
      perSecond: perSecond.get(reason) ?? 0,
    }));
}

function presentProcess(row: ProcessRow, isUp: boolean, span: Span | undefined): ProcessLine {
  const cpu = "process_cpu_seconds_total";
  const cpuShare = span === undefined ? null : ((span.to[cpu] ?? 0) - (span.from[cpu] ?? 0)) / span.seconds;
  return {
    id: row.id,
    kind: row.kind,
    host: row.host,
    pid: row.pid,
    version: row.version,
    startedAt: row.startedAt.toISOString(),
    state: isUp ? "up" : "missing",
    silentSeconds: isUp ? 0 : Math.round(row.ageSeconds),
    cpuPercent: isUp && cpuShare !== null ? Math.round(cpuShare * 100) : null,
    memoryBytes: row.figures.process_resident_memory_bytes ?? 0,
  };
}
