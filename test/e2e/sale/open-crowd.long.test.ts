// A crowd that comes ten times as fast as its orders can be decided, and does not wait for answers.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { sendOpenCrowd } from "../../support/services/scenarios/open-crowd.ts";

const seconds = 30;
/** Batches have at most 500 orders of an event, so with this pause at most 250 orders a second are decided. */
const batchPauseSeconds = 2;
const perSecond = 2_500;
const mebibytesMax = 1_024;

/** The most memory that a process had, in MiB. */
function peakMebibytes(pid: number): number {
  const kibibytes = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes ?? Number.NaN) / 1_024;
}

/** Makes every batch of decisions take so long, as on a machine that is too small for the sale. */
async function slowDown(db: Db): Promise<() => Promise<void>> {
  await sql`CREATE FUNCTION slow_down() RETURNS trigger LANGUAGE plpgsql AS
            ${sql.raw(`'BEGIN PERFORM pg_sleep(${batchPauseSeconds}); RETURN NULL; END'`)}`.execute(db);
  await sql`CREATE TRIGGER slow_down AFTER UPDATE ON orders EXECUTE FUNCTION slow_down()`.execute(db);
  return async () => {
    await sql`DROP TRIGGER slow_down ON orders`.execute(db);
  };
}

const share = (sorted: readonly number[], of: number) => sorted[Math.floor((sorted.length - 1) * of)] ?? Number.NaN;

describePipeline("an open crowd", (backend) => {
  it("of ten times the capacity is refused in time, and every accepted order is decided", async (t) => {
    const settings = { PENDING_SECONDS_MAX: "15", LOOP_DELAY_MS_MAX: "500" };
    const { api, databaseUrl, gateways } = await startInstallation(backend, { gateways: 2, settings });
    const db = connect(databaseUrl);
    const eventCode = await api.createEvent({ STANDARD: 1_000_000 });
    const speedUp = await slowDown(db);
    const urls = gateways.map(({ url }) => url);
    const { accepted, answers, lostKeys, answeredMs } = await sendOpenCrowd(urls, { eventCode, perSecond, seconds });
    const { orders: during } = await api.audit(eventCode);
    await speedUp();

    const unexpected = [...answers.keys()].filter((name) => !/^(200|202|409 |429 |503 )/.test(name));
    assert.deepEqual(unexpected, []);
    assert((answers.get("503 queue-full") ?? 0) > 0, JSON.stringify([...answers]));
    assert.deepEqual(lostKeys, []);
    await untilAllDecided(api, eventCode, 120_000);
    const rows = await db.selectFrom("orders").select(["id", "status"]).execute();
    const statusById = new Map(rows.map(({ id, status }) => [id, status]));
    const undecided = [...accepted.values()].filter((id) => (statusById.get(id) ?? "PENDING") === "PENDING");
    assert.deepEqual(undecided, []);
    assert.equal(new Set(accepted.values()).size, accepted.size, "each key has its own order");
    await api.assertSound(eventCode);
    for (const { pid } of gateways) {
      const mebibytes = peakMebibytes(pid);
      assert(mebibytes < mebibytesMax, `a gateway took ${mebibytes.toFixed(0)} MiB`);
    }

    const sorted = answeredMs.toSorted((a, b) => a - b);
    t.diagnostic(`answers: ${JSON.stringify(Object.fromEntries(answers))}`);
    t.diagnostic(
      `accepted in ${share(sorted, 0.5).toFixed(0)} ms (median), ${share(sorted, 0.99).toFixed(0)} ms (p99)`,
    );
    t.diagnostic(
      `decided ${((during.total - during.pending) / seconds).toFixed(0)}/s, pending ${during.pending} at the end`,
    );
    t.diagnostic(`memory ${gateways.map(({ pid }) => peakMebibytes(pid).toFixed(0)).join(" and ")} MiB`);
  });
});
