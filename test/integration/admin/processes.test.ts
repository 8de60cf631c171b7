import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { listProcesses } from "@onsale/database/statements/operations/list-processes";
import { type ProcessReport, processLog } from "@onsale/database/statements/operations/report-process";
import { createMetrics } from "@onsale/observability/metrics";
import { startProcessReports } from "@onsale/service/process-report";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";

function newReport(part: Partial<ProcessReport> = {}): ProcessReport {
  return {
    id: randomUUID(),
    kind: "worker",
    host: "host",
    pid: 7,
    version: "1",
    startedAt: new Date(0),
    figures: { 'orders_decided_total{outcome="confirmed",reason="none"}': 3 },
    ...part,
  };
}

/** Makes a report older. */
async function makeSilent(db: Db, id: string, seconds: number): Promise<void> {
  await sql`UPDATE processes SET seen_at = seen_at - ${seconds}::int * interval '1 second' WHERE id = ${id}`.execute(
    db,
  );
}

describe("a process report", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  it("is read as it was written, with its age by the database's clock", async () => {
    const report = newReport();
    await processLog(db).write(report);
    await makeSilent(db, report.id, 30);
    const row = (await listProcesses(db)).find(({ id }) => id === report.id);
    assert(row !== undefined);
    const { seenAtMs, ageSeconds, ...same } = row;
    assert.deepEqual(same, report);
    assert(ageSeconds >= 30 && ageSeconds < 60);
    assert(Math.abs(Date.now() - 30_000 - seenAtMs) < 10_000);
  });

  it("replaces the earlier report of the process", async () => {
    const report = newReport();
    const { write } = processLog(db);
    await write(report);
    await write({ ...report, figures: { orders_accepted_total: 9 } });
    const rows = (await listProcesses(db)).filter(({ id }) => id === report.id);
    assert.deepEqual(
      rows.map(({ figures }) => figures),
      [{ orders_accepted_total: 9 }],
    );
  });

  it("is deleted by its process, and by other processes when it is older than two minutes", async () => {
    const { write, remove } = processLog(db);
    const stopped = newReport();
    const killed = newReport();
    const frozen = newReport();
    for (const report of [stopped, killed, frozen]) await write(report);
    await remove(stopped.id);
    await makeSilent(db, killed.id, 121);
    await makeSilent(db, frozen.id, 100);
    await write(newReport());
    const ids = (await listProcesses(db)).map(({ id }) => id);
    assert.deepEqual(
      [stopped, killed, frozen].map(({ id }) => ids.includes(id)),
      [false, false, true],
    );
    // A process that was only frozen appears again with its next report.
    await makeSilent(db, frozen.id, 100);
    await write(frozen);
    assert((await listProcesses(db)).some(({ id, ageSeconds }) => id === frozen.id && ageSeconds < 30));
  });

  it("is written again after failures, as soon as the database accepts it", async () => {
    const errors: Error[] = [];
    let isUnavailable = true;
    const { write, remove } = processLog(db);
    const sink = {
      remove,
      write: (report: ProcessReport) =>
        isUnavailable ? Promise.reject(new Error("the database is unavailable")) : write(report),
    };
    const metrics = createMetrics();
    metrics.counter("orders_accepted_total").inc(5);
    const reports = startProcessReports("test-kind", metrics, sink, (error) => errors.push(error));
    await untilTrue("a report failed", () => errors.length > 0);
    isUnavailable = false;
    const mine = async () => (await listProcesses(db)).find(({ kind }) => kind === "test-kind");
    const { figures, pid } = await until("a report was written", mine);
    assert.deepEqual([pid, figures.orders_accepted_total], [process.pid, 5]);
    assert((figures.process_resident_memory_bytes ?? 0) > 1_000_000);
    await reports.close();
    assert.equal(await mine(), undefined);
  });
});

describe("every service", () => {
  it("reports itself while it runs, and deletes its report when it is stopped", async () => {
    const databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl);
    const [gateway, worker] = await Promise.all([
      startGateway({ DATABASE_URL: databaseUrl }),
      startWorker({ DATABASE_URL: databaseUrl }),
    ]);
    const seen = async () => (await listProcesses(db)).map(({ kind, pid }) => `${kind} ${pid}`);
    const expected = [`gateway ${gateway.pid}`, `worker ${worker.pid}`];
    await untilTrue("both report", async () => (await seen()).join() === expected.join());
    await worker.stop();
    assert.deepEqual(await seen(), expected.slice(0, 1));
    await gateway.kill();
    assert.deepEqual(await seen(), expected.slice(0, 1));
  });
});
