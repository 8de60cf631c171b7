import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createApi } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describePipeline("an empty database", (backend) => {
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

  it("an event that one gateway creates is on sale there at once, and soon at the others", async () => {
    const { apis, api } = installation;
    const [creator, other = api] = apis;
    const code = "new-event";
    // The other gateway remembers now that there is no such event.
    assert.equal((await other.purchase({ eventCode: code })).status, 404);
    await creator.createEvent({ STANDARD: 10 }, code);
    assert.equal((await creator.purchase({ eventCode: code })).status, 202);
    await untilTrue(
      "the other gateway knows it",
      async () => (await other.purchase({ eventCode: code })).status === 202,
    );
  });

  it("a ticket type that one gateway adds is on sale there at once, and soon at the others", async () => {
    const { apis, api } = installation;
    const [creator, other = api] = apis;
    const eventCode = await creator.createEvent({ STANDARD: 1 });
    const vip = { eventCode, ticketType: "VIP" };
    assert.equal((await other.purchase(vip)).body.code, "ticket-type-not-found");
    await creator.put(`/api/v1/inventory/${eventCode}/VIP`, { total: 10 });
    assert.equal((await creator.purchase(vip)).status, 202);
    await untilTrue("the other gateway knows it", async () => (await other.purchase(vip)).status === 202);
  });

  it("changes take effect although the gateways lost their listening connections", async () => {
    const { apis, api, databaseUrl } = installation;
    const other = apis[1] ?? api;
    const eventCode = await api.createEvent({ STANDARD: 1 });
    assert.equal((await other.purchase({ eventCode, ticketType: "VIP" })).status, 404);
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'onsale-gateway'
          AND (query ILIKE 'LISTEN%' OR query = 'SELECT 1')`.execute(connect(databaseUrl));
    await api.put(`/api/v1/inventory/${eventCode}/VIP`, { total: 10 });
    await untilTrue("the other gateway knows it", async () => {
      return (await other.purchase({ eventCode, ticketType: "VIP" })).status === 202;
    });
    const waited = await other.purchase({ eventCode, ticketType: "VIP", waitSeconds: 30 });
    assert.equal(waited.body.status, "CONFIRMED");
  });

  it("a gateway that stops answers its pending requests and exits with 0", async () => {
    const { environment, api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10_000 });
    const stopping = await startGateway(environment);
    const client = createApi(stopping.url);
    await client.purchase({ eventCode });
    const buying = Array.from({ length: 200 }, () => client.purchase({ eventCode }).catch(() => undefined));
    const exitCode = stopping.stop();
    const answers = (await Promise.all(buying)).filter((answer) => answer !== undefined);

    assert.equal(await exitCode, 0);
    for (const answer of answers) assert.equal((await api.get(`/api/v1/orders/${answer.body.id}`)).status, 200);
  });
});
