import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { ProcessRow } from "@onsale/database/statements/operations/list-processes";
import { createMetrics } from "@onsale/observability/metrics";
import { createProcessStats } from "./process-stats.ts";

const startMs = 1_700_000_000_000;

/** A process's report of this many seconds after the start. */
function report(id: string, second: number, figures: Record<string, number>, ageSeconds = 0): ProcessRow {
  return {
    id,
    kind: "worker",
    host: "host",
    pid: 1,
    version: "1",
    startedAt: new Date(startMs),
    figures,
    seenAtMs: startMs + second * 1_000,
    ageSeconds,
  };
}

describe("the statistics of the processes", () => {
  it("sum the rates of all processes over their last seconds, whenever each of them reports", () => {
    const stats = createProcessStats();
    for (let second = 0; second < 10; second++) {
      stats.take([
        report("one", second, { orders_accepted_total: second * 100 }),
        report("other", second + 0.7, { orders_accepted_total: 5_000 + second * 20 }),
      ]);
      // The same reports are read twice.
      stats.take([
        report("one", second, { orders_accepted_total: second * 100 }),
        report("other", second + 0.7, { orders_accepted_total: 5_000 + second * 20 }),
      ]);
    }
    const { accepted } = stats.totals();
    assert.deepEqual([Math.round(accepted.perSecond), accepted.total], [120, 900 + 5_180]);
  });

  it("keep the counts of a process that has ended, and add those of its successor", () => {
    const stats = createProcessStats();
    stats.take([report("old", 0, { orders_accepted_total: 40 })]);
    stats.take([report("old", 1, { orders_accepted_total: 50 })]);
    stats.take([report("new", 2, { orders_accepted_total: 7 })]);
    assert.deepEqual(stats.totals().accepted, { total: 57, perSecond: 0 });
    stats.take([]);
    assert.deepEqual(stats.totals().accepted, { total: 57, perSecond: 0 });
  });

  it("count nothing twice when a process reports again after a gap, and add what it counted meanwhile", () => {
    const stats = createProcessStats();
    const total = () => stats.totals().accepted.total;
    const other = report("other", 0, { orders_accepted_total: 5 });
    stats.take([other, report("one", 0, { orders_accepted_total: 40 })]);
    stats.take([other]);
    assert.equal(total(), 45);
    stats.take([other, report("one", 200, { orders_accepted_total: 60 })]);
    assert.equal(total(), 65);
    stats.take([other]);
    assert.equal(total(), 65);
  });

  it("keep the counts of thousands of processes that ended", () => {
    const stats = createProcessStats();
    for (let count = 0; count < 2_000; count++) {
      stats.take([report(`process ${count}`, count, { orders_accepted_total: 3 })]);
    }
    assert.equal(stats.totals().accepted.total, 6_000);
  });

  it("show a process that stopped reporting as missing, with no rate", () => {
    const stats = createProcessStats();
    stats.take([report("one", 0, { orders_accepted_total: 0, process_cpu_seconds_total: 0 })]);
    stats.take([report("one", 1, { orders_accepted_total: 100, process_cpu_seconds_total: 0.5 })]);
    const [up] = stats.processes();
    assert.deepEqual([up?.state, up?.cpuPercent, up?.silentSeconds], ["up", 50, 0]);
    stats.take([report("one", 1, { orders_accepted_total: 100, process_cpu_seconds_total: 0.5 }, 12)]);
    const [missing] = stats.processes();
    assert.deepEqual([missing?.state, missing?.cpuPercent, missing?.silentSeconds], ["missing", null, 12]);
    assert.equal(stats.totals().accepted.perSecond, 0);
  });

  it("keep the highest rates", () => {
    const stats = createProcessStats();
    const sold = (count: number) => ({ tickets_sold_total: count, orders_accepted_total: count / 2 });
    for (const [second, count] of [
      [0, 0],
      [1, 80],
      [2, 100],
      [3, 100],
      [8, 110],
    ] as const) {
      stats.take([report("one", second, sold(count))]);
    }
    assert.deepEqual(stats.totals().peaks, { accepted: 40, decided: 0, ticketsSold: 80 });
  });

  it("have rejections by reason, and count only purchases as turned away", () => {
    const stats = createProcessStats();
    const figures = {
      'orders_decided_total{outcome="confirmed",reason="none"}': 5,
      'orders_decided_total{outcome="rejected",reason="sold-out"}': 2,
      'admission_rejected_total{reason="sold-out"}': 9,
      'admission_rejected_total{reason="overloaded"}': 4,
      'admission_rejected_total{reason="too-many-streams"}': 100,
    };
    stats.take([report("one", 0, figures)]);
    const { rejections, turnedAway, confirmed, rejected, decided } = stats.totals();
    assert.deepEqual([confirmed.total, rejected.total, decided.total], [5, 2, 7]);
    assert.deepEqual(rejections, [
      { reason: "sold-out", words: "The ticket type is sold out", what: "order", total: 2, perSecond: 0 },
      { reason: "sold-out", words: "The ticket type is sold out", what: "purchase", total: 9, perSecond: 0 },
      { reason: "overloaded", words: "Too many requests are waiting", what: "purchase", total: 4, perSecond: 0 },
      {
        reason: "too-many-streams",
        words: "Too many streams and waits are open",
        what: "request",
        total: 100,
        perSecond: 0,
      },
    ]);
    assert.deepEqual(turnedAway, { total: 13, perSecond: 0 });
  });

  it("have decision times from the first report on, although reports leave zeros out", async () => {
    const metrics = createMetrics();
    const decisionTime = metrics.histogram("order_decision_duration_seconds");
    const figures = () => metrics.figures(["order_decision_duration_seconds"]);
    const stats = createProcessStats();
    stats.take([report("new", 0, await figures())]);
    for (const seconds of [0.3, 0.4]) decisionTime.observe(seconds);
    stats.take([report("new", 1, await figures())]);
    const { p50, p99 } = stats.totals();
    assert(p50 !== null && p50 > 250 && p50 < 500, `p50 ${p50}`);
    assert(p99 !== null && p99 > p50 && p99 <= 500, `p99 ${p99}`);
  });

  it("count decision times above the last bound of the histogram as that bound", async () => {
    const metrics = createMetrics();
    const stats = createProcessStats();
    stats.take([report("new", 0, {})]);
    metrics.histogram("order_decision_duration_seconds").observe(100);
    stats.take([report("new", 1, await metrics.figures(["order_decision_duration_seconds"]))]);
    assert.equal(stats.totals().p50, 60_000);
  });

  it("have no decision time and no batch size while nothing is decided", () => {
    const stats = createProcessStats();
    stats.take([report("one", 0, {})]);
    const { p50, p99, allocationBatch } = stats.totals();
    assert.deepEqual([p50, p99, allocationBatch], [null, null, null]);
  });
});
