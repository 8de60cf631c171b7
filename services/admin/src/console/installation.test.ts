import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { ProcessRow } from "@onsale/database/statements/operations/list-processes";
import { createMetrics } from "@onsale/observability/metrics";
import { createInstallation } from "./installation.ts";

const startMs = 1_700_000_000_000;

/** What a process reported so many seconds after the start. */
function report(id: string, second: number, figures: Record<string, number>, ageSeconds = 0): ProcessRow {
  return {
    ...{ id, kind: "worker", host: "host", pid: 1, version: "1", startedAt: new Date(startMs), figures },
    ...{ seenAtMs: startMs + second * 1_000, ageSeconds },
  };
}

describe("the installation", () => {
  it("does a second what its processes counted in their last seconds, whenever each of them reports", () => {
    const installation = createInstallation();
    for (let second = 0; second < 10; second++) {
      installation.take([
        report("one", second, { orders_accepted_total: second * 100 }),
        report("other", second + 0.7, { orders_accepted_total: 5_000 + second * 20 }),
      ]);
      // Looked at twice between two reports.
      installation.take([
        report("one", second, { orders_accepted_total: second * 100 }),
        report("other", second + 0.7, { orders_accepted_total: 5_000 + second * 20 }),
      ]);
    }
    const { accepted } = installation.totals();
    assert.deepEqual([Math.round(accepted.perSecond), accepted.total], [120, 900 + 5_180]);
  });

  it("keeps what a process counted that has ended, and counts what its successor does", () => {
    const installation = createInstallation();
    installation.take([report("old", 0, { orders_accepted_total: 40 })]);
    installation.take([report("old", 1, { orders_accepted_total: 50 })]);
    installation.take([report("new", 2, { orders_accepted_total: 7 })]);
    assert.deepEqual(installation.totals().accepted, { total: 57, perSecond: 0 });
    installation.take([]);
    assert.deepEqual(installation.totals().accepted, { total: 57, perSecond: 0 });
  });

  it("counts nothing twice of a process that was gone and is back, and what it counted since then", () => {
    const installation = createInstallation();
    const total = () => installation.totals().accepted.total;
    const other = report("other", 0, { orders_accepted_total: 5 });
    installation.take([other, report("one", 0, { orders_accepted_total: 40 })]);
    installation.take([other]);
    assert.equal(total(), 45);
    installation.take([other, report("one", 200, { orders_accepted_total: 60 })]);
    assert.equal(total(), 65);
    installation.take([other]);
    assert.equal(total(), 65);
  });

  it("keeps what thousands of processes counted that came and went", () => {
    const installation = createInstallation();
    for (let count = 0; count < 2_000; count++) {
      installation.take([report(`process ${count}`, count, { orders_accepted_total: 3 })]);
    }
    assert.equal(installation.totals().accepted.total, 6_000);
  });

  it("says of a process that is silent that it is missing, and counts nothing a second for it", () => {
    const installation = createInstallation();
    installation.take([report("one", 0, { orders_accepted_total: 0, process_cpu_seconds_total: 0 })]);
    installation.take([report("one", 1, { orders_accepted_total: 100, process_cpu_seconds_total: 0.5 })]);
    const [up] = installation.processes();
    assert.deepEqual([up?.state, up?.cpuPercent, up?.silentSeconds], ["up", 50, 0]);
    installation.take([report("one", 1, { orders_accepted_total: 100, process_cpu_seconds_total: 0.5 }, 12)]);
    const [missing] = installation.processes();
    assert.deepEqual([missing?.state, missing?.cpuPercent, missing?.silentSeconds], ["missing", null, 12]);
    assert.equal(installation.totals().accepted.perSecond, 0);
  });

  it("tells rejections by their reasons, and counts as turned away purchases alone", () => {
    const installation = createInstallation();
    const figures = {
      'orders_decided_total{outcome="confirmed",reason="none"}': 5,
      'orders_decided_total{outcome="rejected",reason="sold-out"}': 2,
      'admission_rejected_total{reason="sold-out"}': 9,
      'admission_rejected_total{reason="overloaded"}': 4,
      'admission_rejected_total{reason="too-many-streams"}': 100,
    };
    installation.take([report("one", 0, figures)]);
    const { rejections, turnedAway, confirmed, rejected, decided } = installation.totals();
    assert.deepEqual([confirmed.total, rejected.total, decided.total], [5, 2, 7]);
    assert.deepEqual(rejections, [
      { reason: "sold-out", what: "order", total: 2, perSecond: 0 },
      { reason: "sold-out", what: "purchase", total: 9, perSecond: 0 },
      { reason: "overloaded", what: "purchase", total: 4, perSecond: 0 },
      { reason: "too-many-streams", what: "request", total: 100, perSecond: 0 },
    ]);
    assert.deepEqual(turnedAway, { total: 13, perSecond: 0 });
  });

  it("knows from the first report on how long decisions took, although reports leave zeros out", async () => {
    const metrics = createMetrics();
    const decisionTime = metrics.histogram("order_decision_duration_seconds");
    const figures = () => metrics.figures(["order_decision_duration_seconds"]);
    const installation = createInstallation();
    installation.take([report("new", 0, await figures())]);
    for (const seconds of [0.3, 0.4]) decisionTime.observe(seconds);
    installation.take([report("new", 1, await figures())]);
    const { p50, p99 } = installation.totals();
    assert(p50 !== null && p50 > 250 && p50 < 500, `p50 ${p50}`);
    assert(p99 !== null && p99 > p50 && p99 <= 500, `p99 ${p99}`);
  });

  it("has decision times beyond the last bound of its histogram, taken for that bound", async () => {
    const metrics = createMetrics();
    const installation = createInstallation();
    installation.take([report("new", 0, {})]);
    metrics.histogram("order_decision_duration_seconds").observe(100);
    installation.take([report("new", 1, await metrics.figures(["order_decision_duration_seconds"]))]);
    assert.equal(installation.totals().p50, 60_000);
  });

  it("has no latency and no batch size while nothing is decided", () => {
    const installation = createInstallation();
    installation.take([report("one", 0, {})]);
    const { p50, p99, allocationBatch } = installation.totals();
    assert.deepEqual([p50, p99, allocationBatch], [null, null, null]);
  });
});
