import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { ProcessRow } from "@onsale/database/statements/list-processes";
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

  it("tells rejections by their reasons, those that were recorded and those that were turned away", () => {
    const installation = createInstallation();
    const figures = {
      'orders_decided_total{outcome="confirmed",reason="none"}': 5,
      'orders_decided_total{outcome="rejected",reason="sold-out"}': 2,
      'admission_rejected_total{reason="sold-out"}': 9,
    };
    installation.take([report("one", 0, figures)]);
    const { rejections, confirmed, rejected, decided } = installation.totals();
    assert.deepEqual([confirmed.total, rejected.total, decided.total], [5, 2, 7]);
    assert.deepEqual(rejections, [
      { reason: "sold-out", isRecorded: true, total: 2, perSecond: 0 },
      { reason: "sold-out", isRecorded: false, total: 9, perSecond: 0 },
    ]);
  });

  it("has no latency and no batch size while nothing is decided", () => {
    const installation = createInstallation();
    installation.take([report("one", 0, {})]);
    const { p50, p99, allocationBatch } = installation.totals();
    assert.deepEqual([p50, p99, allocationBatch], [null, null, null]);
  });
});
