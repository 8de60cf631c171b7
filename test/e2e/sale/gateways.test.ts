import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createApi } from "../../support/http/api.ts";
import { describeOnBackends, describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describeOnBackends("an empty database", (backend) => {
  it("is migrated once by processes that start together", async () => {
    const environment = { ...(await backend.start()), DATABASE_URL: await createTestDatabase("empty") };
    const starts = [startGateway, startGateway, startGateway, startWorker, startWorker];
    const [first] = await Promise.all(starts.map((start) => start(environment)));
    const api = createApi(first?.url ?? "");
    const eventCode = await api.createEvent({ STANDARD: 1 });
    assert.equal((await api.purchase({ eventCode, waitSeconds: 10 })).body.status, "CONFIRMED");
  });
});

describePipeline("several gateways", (backend) => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation(backend, { gateways: 2 });
  });

  it("an event that one gateway makes can be bought at once there, and soon at the others", async () => {
    const [here, there] = [installation.apis[0], installation.apis[1] ?? installation.api];
    const code = "made-here";
    // The other gateway has just learned that there is no such event.
    assert.equal((await there.purchase({ eventCode: code })).status, 404);
    await here.createEvent({ STANDARD: 10 }, code);
    assert.equal((await here.purchase({ eventCode: code })).status, 202);
    await untilTrue(
      "the other gateway knows it",
      async () => (await there.purchase({ eventCode: code })).status === 202,
    );
  });

  it("a ticket type that one gateway adds can be bought at once there, and soon at the others", async () => {
    const [here, there] = [installation.apis[0], installation.apis[1] ?? installation.api];
    const eventCode = await here.createEvent({ STANDARD: 1 });
    const vip = { eventCode, ticketType: "VIP" };
    assert.equal((await there.purchase(vip)).body.code, "ticket-type-not-found");
    await here.put(`/api/v1/inventory/${eventCode}/VIP`, { total: 10 });
    assert.equal((await here.purchase(vip)).status, 202);
    await untilTrue("the other gateway knows it", async () => (await there.purchase(vip)).status === 202);
  });

  it("changes show although the gateways' listening connections were lost", async () => {
    const { apis, api, databaseUrl } = installation;
    const there = apis[1] ?? api;
    const eventCode = await api.createEvent({ STANDARD: 1 });
    assert.equal((await there.purchase({ eventCode, ticketType: "VIP" })).status, 404);
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'onsale-gateway'
          AND (query ILIKE 'LISTEN%' OR query = 'SELECT 1')`.execute(connect(databaseUrl));
    await api.put(`/api/v1/inventory/${eventCode}/VIP`, { total: 10 });
    await untilTrue("the other gateway knows it", async () => {
      return (await there.purchase({ eventCode, ticketType: "VIP" })).status === 202;
    });
    const waited = await there.purchase({ eventCode, ticketType: "VIP", waitSeconds: 30 });
    assert.equal(waited.body.status, "CONFIRMED");
  });

  it("a gateway that is asked to stop answers what it has and exits with 0", async () => {
    const { environment, api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10_000 });
    const leaving = await startGateway(environment);
    const client = createApi(leaving.url);
    await client.purchase({ eventCode });
    const buying = Array.from({ length: 200 }, () => client.purchase({ eventCode }).catch(() => undefined));
    const exitCode = leaving.stop();
    const answers = (await Promise.all(buying)).filter((answer) => answer !== undefined);

    assert.equal(await exitCode, 0);
    for (const answer of answers) assert.equal((await api.get(`/api/v1/orders/${answer.body.id}`)).status, 200);
  });
});
