// What docs/failover.md says about asynchronous standbys: a failover loses what they had not got.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import { startReplicatedPostgres } from "../../support/database/servers/replicated-postgres.ts";
import { createApi, newKey } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

describePipeline("a failover to an asynchronous standby that is behind", () => {
  it("loses orders that were accepted; their keys make new orders, and their tickets are on sale again", async () => {
    const servers = await startReplicatedPostgres("");
    const environment = { DATABASE_URL: servers.hostsUrl };
    const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
    const api = createApi(gateway.url);
    const eventCode = await api.createEvent({ STANDARD: 1 });
    await servers.cutOff();
    const key = newKey();
    const lost = await api.purchase({ eventCode, key, waitSeconds: 10 });
    assert.deepEqual([lost.status, lost.body.status], [200, "CONFIRMED"]);

    await servers.primary.crash();
    await servers.promote();
    const again = await until("purchases are accepted again", async () => {
      const answer = await api.purchase({ eventCode, key, waitSeconds: 10 });
      return answer.status === 200 ? answer : undefined;
    });
    assert.notEqual(again.body.id, lost.body.id);
    assert.equal(again.body.status, "CONFIRMED");
    assert.equal((await api.get(`/api/v1/orders/${lost.body.id}`)).status, 404);
    await api.assertSound(eventCode);
  });
});
