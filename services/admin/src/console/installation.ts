// What all processes together do at present, from their reports. Each process has a span of about three seconds between
// two of its own reports, by the database's clock; so it does not matter when it reports and when it is looked at. What a
// process counted before it ended stays counted; one that was only frozen or cut off comes back under its id, and goes on
// from there.
import type { ProblemCode } from "@onsale/contracts/problem";
import type { ProcessRow } from "@onsale/database/statements/operations/list-processes";
import { metricCatalogue } from "@onsale/observability/metric-catalogue";
import { type Figures, gains, mean, quantiles, rates, type Span, sumBy, sumOf } from "./figures.ts";
import type { ProcessLine, Rejection, Tally, Totals } from "./messages.ts";

const spanMs = 3_000;
/** A process that has not reported for so long does nothing that could be counted, as far as anybody knows. */
const missingAfterSeconds = 5;
const msPerSecond = 1_000;
/** Of so many processes that ended it is known which one counted what, should one of them come back. */
const endedCountMax = 200;

/** Why a gateway answers a purchase without recording it. It counts other requests that it refuses beside them. */
const purchaseReasons: ReadonlySet<string> = new Set<ProblemCode>(["sold-out", "overloaded", "dependency-unavailable"]);

const decisionTime = {
  histogram: "order_decision_duration_seconds",
  bounds: metricCatalogue.order_decision_duration_seconds.buckets,
} as const;

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
  /** What processes counted that have ended, the latest last. */
  const endedById = new Map<string, Figures>();
  /** What those counted that ended before them, all together. */
  let endedLongAgo: Figures = {};

  const lastFigures = (readings: readonly Reading[]): Figures => readings.at(-1)?.figures ?? {};

  function spanOf(id: string): Span | undefined {
    const readings = readingsById.get(id) ?? [];
    const [first, last] = [readings[0], readings.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return { from: first.figures, to: last.figures, seconds: (last.atMs - first.atMs) / msPerSecond };
  }

  const isUp = (row: ProcessRow) => row.ageSeconds < missingAfterSeconds;
  const spans = () => rows.filter(isUp).flatMap(({ id }) => spanOf(id) ?? []);
  const counted = () => sum([endedLongAgo, ...endedById.values(), ...[...readingsById.values()].map(lastFigures)]);

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
      for (const [id, readings] of readingsById) {
        if (ids.has(id)) continue;
        noteEnded(id, lastFigures(readings));
        readingsById.delete(id);
      }
      for (const { id, seenAtMs, figures } of rows) {
        endedById.delete(id);
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

function sum(all: readonly Figures[]): Figures {
  return gains(all.map((to) => ({ from: {}, to, seconds: 1 })));
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
    accepted: tally("orders_accepted_total"),
    decided: tally("orders_decided_total"),
    confirmed: outcome("confirmed"),
    rejected: outcome("rejected"),
    ticketsSold: tally("tickets_sold_total"),
    turnedAway: {
      total: purchases.reduce((all, { total }) => all + total, 0),
      perSecond: purchases.reduce((all, { perSecond }) => all + perSecond, 0),
    },
    conflicts: tally("purchase_conflict_total"),
    retries: tally("db_transaction_retries_total"),
    rescued: tally("reconciler_rescued_total"),
    enqueueFailures: tally("enqueue_failures_total"),
    ...{ p50, p95, p99 },
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
    .map(([reason, total]) => ({ reason, what: whatOf(reason), total, perSecond: perSecond.get(reason) ?? 0 }));
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
