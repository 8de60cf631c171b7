// A failover manager (pg_auto_failover) promotes the standby each time that the primary's machine dies, ten times
// during a sale. DATABASE_URL names both servers.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { withoutAutoFailover } from "../../support/database/servers/auto-failover.ts";
import { createRandom } from "../../support/random.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { sellThroughFailovers } from "../../support/services/scenarios/failovers.ts";

const failoverCount = 10;
const maxMs = 600_000;

describe("a primary that dies ten times during a sale, with a synchronous standby", {
  skip: withoutAutoFailover,
}, () => {
  endWithSuite();
  const { seed } = createRandom();

  it(`loses nothing that was accepted, and sales go on by themselves, seed ${seed}`, { timeout: maxMs }, async (t) => {
    const result = await sellThroughFailovers(postgresQueues, failoverCount, seed);
    t.diagnostic(`${result.orderCount} orders of ${result.purchaseCount} purchases`);
    for (const { killedMs, promotedMs, soldMs } of result.failovers) {
      const seconds = (ms: number) => `${((ms - killedMs) / 1_000).toFixed(1)} s`;
      t.diagnostic(`the standby took writes after ${seconds(promotedMs)}, a purchase after ${seconds(soldMs)}`);
    }
    assert.deepEqual(result.violations, []);
    assert(result.isSettled, "not all work was done in time");
    assert.equal(result.failovers.length, failoverCount);
    assert(result.orderCount > 0);
  });
});
