// The moment in which a large sale opens.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import { connect } from "../../support/database/database.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { openUnderLoad } from "../../support/services/opening.ts";

const clientCount = 2_000;

describePipeline("the opening of a sale", (backend) => {
  it(`lets none of ${clientCount} waiting clients in too early`, async (t) => {
    const { api, apis, databaseUrl } = await startInstallation(backend, { gateways: 2, workers: 2 });
    const eventCode = await api.createEvent({ STANDARD: 100_000 });
    const opensAt = new Date(Date.now() + 15_000).toISOString();
    await api.patch(`/api/v1/events/${eventCode}`, { salesStart: opensAt });
    const sale = { eventCode, opensAt, clientCount, untilMs: 120_000 };
    const { acceptedAfterMs, refusedCount } = await openUnderLoad(connect(databaseUrl), apis, sale);
    assert.equal(acceptedAfterMs.length, clientCount);
    assert.deepEqual(
      acceptedAfterMs.filter((afterMs) => afterMs < 0),
      [],
    );
    assert(refusedCount > clientCount, "the crowd was there before the opening");
    const [first = 0] = acceptedAfterMs;
    const last = acceptedAfterMs.at(-1) ?? 0;
    t.diagnostic(`the first order ${first.toFixed(1)} ms after the opening, the last ${last.toFixed(0)} ms`);
    await untilAllDecided(api, eventCode);
    await api.assertSound(eventCode);
  });
});
