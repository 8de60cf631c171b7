// A crowd that comes ten times as fast as its orders can be decided, and does not wait for answers. The benchmark has
// its speed, for two minutes (scenario open-crowd).
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { connect } from "../../support/database/database.ts";
import { slowDecisions } from "../../support/database/slow-decisions.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { sendOpenCrowd } from "../../support/services/scenarios/open-crowd.ts";

const seconds = 30;
const msPerDecision = 4;
const perSecond = 10 * (1_000 / msPerDecision);
const mebibytesMax = 1_024;

/** The most memory that a running process had, in MiB; throws when it has ended. */
function peakMebibytes(pid: number): number {
  const kibibytes = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes ?? Number.NaN) / 1_024;
}

const share = (sorted: readonly number[], of: number) => sorted[Math.floor((sorted.length - 1) * of)] ?? Number.NaN;

describePipeline("an open crowd", (backend) => {
  it("of ten times the capacity is refused in time, and every accepted order is decided", async (t) => {
    const settings = { PENDING_SECONDS_MAX: "15", LOOP_DELAY_MS_MAX: "500" };
    const { api, databaseUrl, gateways, workers } = await startInstallation(backend, { gateways: 2, settings });
    const db = connect(databaseUrl);
    const eventCode = await api.createEvent({ STANDARD: 1_000_000 });
    const speedUp = await slowDecisions(db, msPerDecision);
    const urls = gateways.map(({ url }) => url);
    const { accepted, answers, lostKeys, answeredMs } = await sendOpenCrowd(urls, { eventCode, perSecond, seconds });
    const { orders: during } = await api.audit(eventCode);
    await speedUp();

    const unexpected = [...answers.keys()].filter((name) => !["200", "202", "503 queue-full"].includes(name));
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
    const peaks = [...gateways, ...workers].map(({ pid }) => peakMebibytes(pid));
    for (const peak of peaks) assert(peak < mebibytesMax, `a gateway or worker took ${peak.toFixed(0)} MiB`);

    const sorted = answeredMs.toSorted((a, b) => a - b);
    t.diagnostic(`answers: ${JSON.stringify(Object.fromEntries(answers))}`);
    t.diagnostic(
      `accepted in ${share(sorted, 0.5).toFixed(0)} ms (median), ${share(sorted, 0.99).toFixed(0)} ms (p99)`,
    );
    t.diagnostic(
      `decided ${((during.total - during.pending) / seconds).toFixed(0)}/s, pending ${during.pending} at the end`,
    );
    t.diagnostic(`memory of gateways and worker: ${peaks.map((peak) => peak.toFixed(0)).join(", ")} MiB`);
  });
});
