import { strict as assert } from "node:assert";
import type { Problem } from "@onsale/contracts/problem";
import { startOwnPostgres } from "../../support/database/servers/own-postgres.ts";
import { createApi } from "../../support/http/api.ts";
import { type Backend, describeOnBoth } from "../../support/services/backends.ts";
import { untilAllDecided } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

async function start(backend: Backend) {
  const [postgres, queues] = await Promise.all([startOwnPostgres(), backend.start()]);
  return { postgres, environment: { ...queues, DATABASE_URL: postgres.url } };
}

describeOnBoth("an outage of the database", start, (it) => {
  it("causes 503 answers, and after it the services continue without a restart", async ({ postgres, environment }) => {
    const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
    const api = createApi(gateway.url);
    const eventCode = await api.createEvent({ STANDARD: 100 });
    const before = await api.purchase({ eventCode, waitSeconds: 10 });
    assert.equal(before.body.status, "CONFIRMED");

    await postgres.stop();
    const key = "during-the-outage";
    const refused = await api.purchase({ eventCode, key });
    assert.equal(refused.status, 503);
    assert.deepEqual([refused.body.code, refused.body.retryable], ["dependency-unavailable", true]);
    assert.equal(refused.headers.get("retry-after"), "1");
    for (const path of ["/api/v1/orders", `/api/v1/inventory/${eventCode}`, `/api/v1/orders/${before.body.id}`]) {
      const answer = await api.get<Problem>(path);
      assert.deepEqual([answer.status, answer.body.code], [503, "dependency-unavailable"], path);
    }
    assert.equal((await api.get("/readyz")).status, 503);
    assert.equal((await api.get("/livez")).status, 200);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    // The alert for "no gateway is ready" uses this metric.
    assert.match(metrics, /^http_server_request_duration_seconds_count\{.*route="\/readyz",status="503"\} 1$/m);

    await postgres.start();
    await untilTrue("the gateway is ready again", async () => (await api.get("/readyz")).status === 200);
    const again = await api.purchase({ eventCode, key, waitSeconds: 30 });
    assert.deepEqual([again.status, again.body.status], [200, "CONFIRMED"]);
    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.equal(orders.total, 2);
  });
});
