import { strict as assert } from "node:assert";
import { it } from "node:test";
import { createTestDatabase } from "../../support/database/database.ts";
import { alterDatabase, oddSettings } from "../../support/database/odd-database.ts";
import { createApi } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { untilAllDecided } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";

describePipeline("a database whose defaults are odd", (backend) => {
  it("sells as any other, with the right times", async () => {
    const databaseUrl = await createTestDatabase("empty");
    await alterDatabase(databaseUrl, oddSettings);
    const environment = { ...(await backend.start()), DATABASE_URL: databaseUrl };
    const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
    const api = createApi(gateway.url);
    const eventCode = await api.createEvent({ STANDARD: 5 });
    const event = await api.get<{ startTime: string }>(`/api/v1/events/${eventCode}`);
    assert.equal(new Date(event.body.startTime).toISOString(), "2030-06-01T19:00:00.000Z");

    const startedAtMs = Date.now();
    for (const strategy of ["optimistic", "pessimistic"] as const) {
      const { status, body } = await api.purchase({ eventCode, strategy, waitSeconds: 20 });
      assert.deepEqual([status, body.status], [200, "CONFIRMED"]);
      const createdAtMs = new Date(body.createdAt).getTime();
      assert(createdAtMs >= startedAtMs - 1_000 && createdAtMs <= Date.now() + 1_000, body.createdAt);
      assert.equal((await api.order(body.id)).createdAt, body.createdAt);
    }
    const answers = await Promise.all(Array.from({ length: 6 }, () => api.purchase({ eventCode })));
    assert(answers.every(({ status }) => status === 202));
    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.equal(orders.total, 8);
  });
});
