import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const backlog = 20_000;

describeOnBackends("workers that die, freeze or stop", (backend) => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation(backend, { workers: 0, settings: { PARTITIONS: "1" } });
  });

  /** Creates an event with a backlog of orders, and tickets for half of them. */
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

  /** Fails unless orders are pending: a fault after the sale would test nothing. */
  async function assertMidSale(eventCode: string): Promise<void> {
    assert((await installation.api.audit(eventCode)).orders.pending > 0, "the sale is over already");
  }

  it("a sale continues when its worker is killed in the middle", async () => {
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

  it("a sale continues with a new worker when all were killed", async () => {
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

  it("a frozen worker that resumes beside its successor sells nothing twice", async () => {
    const { api, environment } = installation;
    const frozen = await startWorker(environment);
    const successor = await startWorker(environment);
    const eventCode = await arrangeBacklog();
    await untilMidSale(eventCode);
    process.kill(frozen.pid, "SIGSTOP");
    const soldWhenFrozen = (await api.inventory(eventCode))[0]?.sold ?? 0;
    await untilTrue("the successor decides orders", async () => {
      const { orders } = await api.audit(eventCode);
      return orders.pending === 0 || ((await api.inventory(eventCode))[0]?.sold ?? 0) > soldWhenFrozen;
    });
    process.kill(frozen.pid, "SIGCONT");
    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.deepEqual([orders.confirmed, orders.rejected], [backlog / 2, backlog / 2]);
    await Promise.all([frozen.stop(), successor.stop()]);
  });

  it("a worker that stops finishes its batch and exits with 0", async () => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    // More than the fastest machine decides until the worker's time slice ends.
    const eventCode = await arrangeBacklog(4 * backlog);
    await untilMidSale(eventCode);
    assert.equal(await worker.stop(), 0);
    await assertMidSale(eventCode);
    await api.assertSound(eventCode);
    const next = await startWorker(environment);
    await untilAllDecided(api, eventCode, 60_000);
    await api.assertSound(eventCode);
    await next.stop();
  });
});
