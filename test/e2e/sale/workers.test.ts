import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import { countStatements } from "../../support/database/statements.ts";
import { readMetric } from "../../support/http/api.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const backlog = 20_000;

describeOnBackends("workers", (backend) => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation(backend, { workers: 0, settings: { PARTITIONS: "1" } });
  });

  /** An event with a backlog, and half as many tickets as are wanted. */
  async function arrangeBacklog(count = backlog): Promise<string> {
    const { api, databaseUrl } = installation;
    const eventCode = await api.createEvent({ STANDARD: count / 2 });
    await placePendingOrders(connect(databaseUrl), eventCode, count);
    return eventCode;
  }

  async function untilMidSale(eventCode: string): Promise<void> {
    const { api } = installation;
    await untilTrue("the sale has begun", async () => (await api.inventory(eventCode)).some((stock) => stock.sold > 0));
    await assertMidSale(eventCode);
  }

  /** A fault that comes after the sale would show nothing. */
  async function assertMidSale(eventCode: string): Promise<void> {
    assert((await installation.api.audit(eventCode)).orders.pending > 0, "the sale is over already");
  }

  it("a sale goes on when its worker is killed in the middle", async () => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    const other = await startWorker(environment);
    const eventCode = await arrangeBacklog();
    await untilMidSale(eventCode);
    await worker.kill();
    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.deepEqual([orders.confirmed, orders.rejected], [backlog / 2, backlog / 2]);
    assert.equal(await other.stop(), 0);
  });

  it("a sale goes on with a new worker when all were killed", async () => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    const eventCode = await arrangeBacklog();
    await untilMidSale(eventCode);
    await worker.kill();
    await assertMidSale(eventCode);
    const next = await startWorker(environment);
    await untilAllDecided(api, eventCode);
    await api.assertSound(eventCode);
    assert.equal(await next.stop(), 0);
  });

  it("a worker that was frozen and comes back beside its successor sells nothing twice", async () => {
    const { api, environment } = installation;
    const frozen = await startWorker(environment);
    const successor = await startWorker(environment);
    const eventCode = await arrangeBacklog();
    await untilMidSale(eventCode);
    process.kill(frozen.pid, "SIGSTOP");
    const soldWhenFrozen = (await api.inventory(eventCode))[0]?.sold ?? 0;
    await untilTrue("the successor goes on", async () => {
      const { orders } = await api.audit(eventCode);
      return orders.pending === 0 || ((await api.inventory(eventCode))[0]?.sold ?? 0) > soldWhenFrozen;
    });
    process.kill(frozen.pid, "SIGCONT");
    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.deepEqual([orders.confirmed, orders.rejected], [backlog / 2, backlog / 2]);
    await Promise.all([frozen.stop(), successor.stop()]);
  });

  it("a worker that is asked to stop finishes its batch and exits with 0", async () => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    const eventCode = await arrangeBacklog();
    await untilMidSale(eventCode);
    assert.equal(await worker.stop(), 0);
    await assertMidSale(eventCode);
    await api.assertSound(eventCode);
    const next = await startWorker(environment);
    await untilAllDecided(api, eventCode);
    await api.assertSound(eventCode);
    await next.stop();
  });

  it("hot events take turns with the others: a single order is decided while they still have thousands", async () => {
    const { api, environment, databaseUrl } = installation;
    const worker = await startWorker(environment);
    const hot = await Promise.all([1, 2, 3].map(() => arrangeBacklog(40_000)));
    const quiet = await api.createEvent({ STANDARD: 1 });
    await Promise.all(hot.map(untilMidSale));
    const answer = await api.purchase({ eventCode: quiet, waitSeconds: 30 });
    const { rows } = await sql`SELECT DISTINCT event_id FROM orders WHERE status = 'PENDING'`.execute(
      connect(databaseUrl),
    );

    assert.deepEqual([answer.status, answer.body.status], [200, "CONFIRMED"]);
    // Had they not taken turns, at least two of them would have been over first.
    assert.equal(rows.length, hot.length);
    for (const eventCode of hot) await untilAllDecided(api, eventCode, 60_000);
    for (const eventCode of hot) await api.assertSound(eventCode);
    await worker.stop();
  });

  it("a worker listens for what gateways announce, which they do while one lingers", async () => {
    const { api, databaseUrl, environment } = installation;
    const worker = await startWorker(environment);
    const db = connect(databaseUrl);
    await untilTrue("the worker listens", async () => {
      // The second is what a listening connection is asked from time to time.
      const { rows } = await sql`SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND application_name = 'onsale-worker' AND query IN ('LISTEN onsale_arrived', 'SELECT 1')`.execute(db);
      return rows.length === 1;
    });
    const eventCode = await api.createEvent({ STANDARD: 10_000 });
    // From here on nothing else is notified by a statement of its own.
    const count = await countStatements(db);
    // A gateway trusts for 25 ms only that a worker is there, so several buyers come one after the other.
    const buyers = Array.from({ length: 8 }, (_, n) =>
      untilTrue("an arrival is announced", async () => {
        await delay(n);
        await api.purchase({ eventCode, waitSeconds: 10 });
        return (await count("pg_notify($1, $2)")).calls > 0;
      }),
    );
    await Promise.all(buyers);
    await worker.stop();
  });

  it("a worker tells what it did in its own metrics", async () => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    const eventCode = await api.createEvent({ STANDARD: 3 });
    for (const quantity of [2, 2, 1]) await api.purchase({ eventCode, quantity, waitSeconds: 10 });
    const metric = (line: string) => readMetric(`${worker.url}/metrics`, line);

    assert.equal(await metric('orders_decided_total{outcome="confirmed",reason="none"}'), 2);
    assert.equal(await metric('orders_decided_total{outcome="rejected",reason="insufficient-stock"}'), 1);
    assert.equal(await metric("tickets_sold_total"), 3);
    assert.equal(await metric("order_decision_duration_seconds_count"), 3);
    assert.equal(await metric("orders_pending"), 0);
    assert.equal((await fetch(`${worker.url}/readyz`)).status, 200);
    assert.equal((await fetch(`${worker.url}/livez`)).status, 200);
    await worker.stop();
  });
});
