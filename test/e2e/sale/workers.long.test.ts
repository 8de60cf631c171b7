import { strict as assert } from "node:assert";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import type { Api } from "../../support/http/api.ts";
import { type Backend, describeOnBoth } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const backlog = 20_000;

/** Creates an event with a backlog of orders, and tickets for half of them. */
async function arrangeBacklog({ api, databaseUrl }: Installation, count = backlog): Promise<string> {
  const eventCode = await api.createEvent({ STANDARD: count / 2 });
  await placePendingOrders(connect(databaseUrl), eventCode, count);
  return eventCode;
}

async function untilMidSale(api: Api, eventCode: string): Promise<void> {
  await untilTrue("the sale has begun", async () => (await api.inventory(eventCode)).some((stock) => stock.sold > 0));
  await assertMidSale(api, eventCode);
}

/** Fails unless orders are pending: a fault after the sale would test nothing. */
async function assertMidSale(api: Api, eventCode: string): Promise<void> {
  assert((await api.audit(eventCode)).orders.pending > 0, "the sale is over already");
}

const start = (backend: Backend) => startInstallation(backend, { workers: 0, settings: { PARTITIONS: "1" } });

describeOnBoth("workers that die, freeze or stop", start, (it) => {
  it("a sale continues when its worker is killed in the middle", async (installation) => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    const other = await startWorker(environment);
    const eventCode = await arrangeBacklog(installation);
    await untilMidSale(api, eventCode);
    await worker.kill();
    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.deepEqual([orders.confirmed, orders.rejected], [backlog / 2, backlog / 2]);
    assert.equal(await other.stop(), 0);
  });

  it("a sale continues with a new worker when all were killed", async (installation) => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    const eventCode = await arrangeBacklog(installation);
    await untilMidSale(api, eventCode);
    await worker.kill();
    await assertMidSale(api, eventCode);
    const next = await startWorker(environment);
    await untilAllDecided(api, eventCode);
    await api.assertSound(eventCode);
    assert.equal(await next.stop(), 0);
  });

  it("a frozen worker that resumes beside its successor sells nothing twice", async (installation) => {
    const { api, environment } = installation;
    const frozen = await startWorker(environment);
    const successor = await startWorker(environment);
    const eventCode = await arrangeBacklog(installation);
    await untilMidSale(api, eventCode);
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

  it("a worker that stops finishes its batch and exits with 0", async (installation) => {
    const { api, environment } = installation;
    const worker = await startWorker(environment);
    // More than the fastest machine decides until the worker's time slice ends.
    const eventCode = await arrangeBacklog(installation, 4 * backlog);
    await untilMidSale(api, eventCode);
    assert.equal(await worker.stop(), 0);
    await assertMidSale(api, eventCode);
    await api.assertSound(eventCode);
    const next = await startWorker(environment);
    await untilAllDecided(api, eventCode, 60_000);
    await api.assertSound(eventCode);
    await next.stop();
  });
});
