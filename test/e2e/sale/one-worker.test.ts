import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import { countStatements } from "../../support/database/statements.ts";
import { readMetric } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { untilTrue } from "../../support/until.ts";

const hotBacklog = 40_000;

describePipeline("a worker", (backend) => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation(backend, { settings: { PARTITIONS: "1" } });
  });

  // This test must be the first, because the counters begin with the process.
  it("counts its decisions in its metrics", async () => {
    const { api, workers } = installation;
    const url = workers[0]?.url ?? "";
    const eventCode = await api.createEvent({ STANDARD: 3 });
    for (const quantity of [2, 2, 1]) await api.purchase({ eventCode, quantity, waitSeconds: 10 });
    const metric = (line: string) => readMetric(`${url}/metrics`, line);

    assert.equal(await metric('orders_decided_total{outcome="confirmed",reason="none"}'), 2);
    assert.equal(await metric('orders_decided_total{outcome="rejected",reason="insufficient-stock"}'), 1);
    assert.equal(await metric("tickets_sold_total"), 3);
    assert.equal(await metric("order_decision_duration_seconds_count"), 3);
    assert.equal(await metric("orders_pending"), 0);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.equal((await fetch(`${url}/livez`)).status, 200);
  });

  it("listens for arrivals, which gateways announce in its idle grace", async () => {
    const { api, databaseUrl } = installation;
    const db = connect(databaseUrl);
    // A heartbeat hides what a session listens to, so the worker's listening sessions have to begin anew.
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'onsale-worker'
        AND (query LIKE 'LISTEN onsale%' OR query LIKE '%transaction_read_only%')`.execute(db);
    await untilTrue("the worker listens", async () => {
      // The last channel that it listens to; that of arrivals is the first.
      const { rows } = await sql`SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND application_name = 'onsale-worker' AND query = 'LISTEN onsale_returned'`.execute(db);
      return rows.length === 1;
    });
    const eventCode = await api.createEvent({ STANDARD: 10_000 });
    // From here on, announcements are the only statements that match the count.
    const count = await countStatements(db);
    // A gateway assumes for only 25 ms that a worker serves the partition, so several buyers purchase one after the
    // other.
    const buyers = Array.from({ length: 8 }, (_, n) =>
      untilTrue("an arrival is announced", async () => {
        await delay(n);
        await api.purchase({ eventCode, waitSeconds: 10 });
        return (await count("pg_notify($1, $2)")).calls > 0;
      }),
    );
    await Promise.all(buyers);
  });

  it("decides a single order of another event while hot events still have thousands of pending orders", async () => {
    const { api, databaseUrl } = installation;
    const hot = await Promise.all([1, 2, 3].map(() => api.createEvent({ STANDARD: hotBacklog / 2 })));
    await Promise.all(hot.map((eventCode) => placePendingOrders(connect(databaseUrl), eventCode, hotBacklog)));
    const quiet = await api.createEvent({ STANDARD: 1 });
    const hasBegun = async (eventCode: string) => (await api.inventory(eventCode)).some((stock) => stock.sold > 0);
    for (const eventCode of hot) await untilTrue("the sale has begun", () => hasBegun(eventCode));
    const answer = await api.purchase({ eventCode: quiet, waitSeconds: 30 });
    const { rows } = await sql`SELECT DISTINCT event_id FROM orders WHERE status = 'PENDING'`.execute(
      connect(databaseUrl),
    );

    assert.deepEqual([answer.status, answer.body.status], [200, "CONFIRMED"]);
    // If events had no turns, the worker would have decided all orders of at least two hot events before.
    assert.equal(rows.length, hot.length);
    for (const eventCode of hot) await untilAllDecided(api, eventCode, 60_000);
    for (const eventCode of hot) await api.assertSound(eventCode);
  });
});
