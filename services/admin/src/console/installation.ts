// What all processes together do at present, from their reports. Each process has a span of about three seconds between
// two of its own reports, by the database's clock; so it does not matter when it reports and when it is looked at. What a
// process counted before it ended stays counted.
import type { ProcessRow } from "@onsale/database/statements/list-processes";
import { type Figures, gains, mean, quantiles, rates, type Span, sumBy, sumOf } from "./figures.ts";
import type { ProcessLine, Tally, Totals } from "./messages.ts";

const spanMs = 3_000;
/** A process that has not reported for so long does nothing that could be counted, as far as anybody knows. */
const missingAfterSeconds = 5;
const msPerSecond = 1_000;

type Reading = Readonly<{ atMs: number; figures: Figures }>;

export type Installation = Readonly<{
  /** Takes what the processes reported last. */
  take: (rows: readonly ProcessRow[]) => void;
  totals: () => Totals;
  webhookAttempts: () => (Tally & Readonly<{ result: string }>)[];
  processes: () => ProcessLine[];
}>;

export function createInstallation(): Installation {
  let rows: readonly ProcessRow[] = [];
  /** By process, the oldest first. */
  const readingsById = new Map<string, readonly Reading[]>();
  /** What processes counted that have ended. */
  let ended: Figures = {};

  const lastFigures = (readings: readonly Reading[]): Figures => readings.at(-1)?.figures ?? {};

  function spanOf(id: string): Span | undefined {
    const readings = readingsById.get(id) ?? [];
    const [first, last] = [readings[0], readings.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return { from: first.figures, to: last.figures, seconds: (last.atMs - first.atMs) / msPerSecond };
  }

  const isUp = (row: ProcessRow) => row.ageSeconds < missingAfterSeconds;
  const spans = () => rows.filter(isUp).flatMap(({ id }) => spanOf(id) ?? []);
  const counted = () =>
    gains([ended, ...[...readingsById.values()].map(lastFigures)].map((to) => ({ from: {}, to, seconds: 1 })));

  return {
    take: (newRows) => {
      rows = newRows;
      const ids = new Set(rows.map((row) => row.id));
      for (const [id, readings] of readingsById) {
        if (ids.has(id)) continue;
        ended = gains([ended, lastFigures(readings)].map((to) => ({ from: {}, to, seconds: 1 })));
        readingsById.delete(id);
      }
      for (const { id, seenAtMs, figures } of rows) {
        const before = readingsById.get(id) ?? [];
        if (before.at(-1)?.atMs === seenAtMs) continue;
        const recent = before.filter(({ atMs }) => atMs >= seenAtMs - spanMs - msPerSecond / 2);
        readingsById.set(id, [...recent, { atMs: seenAtMs, figures }]);
      }
    },
    totals: () => presentTotals(counted(), spans()),
    webhookAttempts: () => talliesBy(counted(), rates(spans()), "webhook_attempts_total", "result"),
    processes: () => rows.map((row) => presentProcess(row, isUp(row), spanOf(row.id))),
  };
}

function talliesBy(counted: Figures, rate: Figures, metric: string, label: "result"): (Tally & { result: string })[] {
  const perSecond = sumBy(rate, metric, label);
  return [...sumBy(counted, metric, label)].map(([result, total]) => ({
    result,
    total,
    perSecond: perSecond.get(result) ?? 0,
  }));
}

function presentTotals(counted: Figures, spans: readonly Span[]): Totals {
  const [rate, gained] = [rates(spans), gains(spans)];
  const tally = (metric: string): Tally => ({ total: sumOf(counted, metric), perSecond: sumOf(rate, metric) });
  const outcome = (name: string): Tally => ({
    total: sumBy(counted, "orders_decided_total", "outcome").get(name) ?? 0,
    perSecond: sumBy(rate, "orders_decided_total", "outcome").get(name) ?? 0,
  });
  const decision = quantiles(gained, "order_decision_duration_seconds", [0.5, 0.95, 0.99]);
  const [p50 = null, p95 = null, p99 = null] = decision.map((seconds) => seconds && seconds * msPerSecond);
  return {
    accepted: tally("orders_accepted_total"),
    decided: tally("orders_decided_total"),
    confirmed: outcome("confirmed"),
    rejected: outcome("rejected"),
    ticketsSold: tally("tickets_sold_total"),
    turnedAway: tally("admission_rejected_total"),
    conflicts: tally("purchase_conflict_total"),
    retries: tally("db_transaction_retries_total"),
    rescued: tally("reconciler_rescued_total"),
    enqueueFailures: tally("enqueue_failures_total"),
    ...{ p50, p95, p99 },
    acceptBatch: mean(gained, "accept_batch_size"),
    allocationBatch: mean(gained, "allocation_batch_size"),
    rejections: [
      ...reasons(counted, rate, "orders_decided_total", true),
      ...reasons(counted, rate, "admission_rejected_total", false),
    ],
  };
}

function reasons(counted: Figures, rate: Figures, metric: string, isRecorded: boolean): Totals["rejections"] {
  const perSecond = sumBy(rate, metric, "reason");
  return [...sumBy(counted, metric, "reason")]
    .filter(([reason]) => reason !== "none")
    .map(([reason, total]) => ({ reason, isRecorded, total, perSecond: perSecond.get(reason) ?? 0 }));
}

function presentProcess(row: ProcessRow, isUp: boolean, span: Span | undefined): ProcessLine {
  const { id, kind, host, pid, version, figures } = row;
  const cpu = "process_cpu_seconds_total";
  const cpuShare = span === undefined ? null : ((span.to[cpu] ?? 0) - (span.from[cpu] ?? 0)) / span.seconds;
  return {
    ...{ id, kind, host, pid, version },
    startedAt: row.startedAt.toISOString(),
    state: isUp ? "up" : "missing",
    silentSeconds: isUp ? 0 : Math.round(row.ageSeconds),
    cpuPercent: isUp && cpuShare !== null ? Math.round(cpuShare * 100) : null,
    memoryBytes: figures.process_resident_memory_bytes ?? 0,
  };
}
