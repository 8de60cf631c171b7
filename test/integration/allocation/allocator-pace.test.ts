import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { announceArrivals } from "@onsale/database/statements/allocation/announce-arrivals";
import { bucketOf } from "@onsale/domain/bucket";
import { listenForWork } from "@onsale/worker/arrivals";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { assertSound, readOrders } from "../../support/database/sale.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { countStatuses, createParts, neverEnqueueAgain } from "../../support/services/allocator.ts";
import { untilTrue } from "../../support/until.ts";

describe("the pace of an allocator", () => {
  let db: Db;
  let url: string;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  it("decides announced orders within its idle grace at once, before its next check", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const never = 60_000;
    const pace = { restMinMs: 1, restMaxMs: never, idleGraceMs: 1_000, timeSliceMs: never };
    const { allocator } = createParts(db, pace);
    const listener = listenForWork({ url, applicationName: "onsale-test", onLost: assert.fail }, allocator, {
      handlers: {},
    });
    atEnd(listener.close);
    await untilTrue("the listener listens", listener.isListening);
    const announce = () => announceArrivals(db, [bucketOf(event.id + 1), bucketOf(event.id)]);
    const decidedCount = async () => (await countStatuses(db, event)).CONFIRMED ?? 0;
    await placeOrders(db, event);
    let isServing = true;
    const served = allocator.serve([bucketOf(event.id)], neverEnqueueAgain).finally(() => {
      isServing = false;
    });
    for (let count = 1; count <= 3; count++) {
      await untilTrue(`${count} are decided`, async () => (await decidedCount()) === count);
      await placeOrders(db, event);
      await announce();
    }
    await untilTrue("the lease ends", async () => {
      await announce();
      return !isServing;
    });
    assert.equal((await served).decided, 4);
  });

  it("sleeps its whole rest after a large batch, although orders arrive", async () => {
    const event = await createTestEvent(db, { STANDARD: 20 });
    const restMs = 1_000;
    const pace = { restMinMs: restMs, restMaxMs: restMs, idleGraceMs: 4 * restMs, timeSliceMs: 60_000 };
    const { allocator } = createParts(db, pace);
    const decidedCount = async () => (await countStatuses(db, event)).CONFIRMED ?? 0;
    const largeBatchCount = 16;
    await placeOrders(db, event, times(largeBatchCount, {}));
    const served = allocator.serve([bucketOf(event.id)], neverEnqueueAgain);
    await untilTrue("the large batch is decided", async () => (await decidedCount()) === largeBatchCount);
    await placeOrders(db, event);
    await untilTrue("the next order is decided", async () => {
      allocator.onArrived([bucketOf(event.id)]);
      return (await decidedCount()) > largeBatchCount;
    });
    const decidedAt = (await readOrders(db, event)).map((order) => order.decidedAt?.getTime() ?? assert.fail());
    const pauseMs = Math.max(...decidedAt) - Math.min(...decidedAt);
    assert(pauseMs > 0.9 * restMs, `only ${pauseMs} ms`);
    assert.equal((await served).decided, largeBatchCount + 1);
  });

  it("enqueues the partition again when the time slice ends while orders are pending", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(db, event, times(3, {}));
    const inserting = await openTransaction(db);
    await placeOrders(inserting.tx, event);
    await placeOrders(db, event, times(2, {}));

    const { serve, serveAll } = createParts(db);
    let enqueueCount = 0;
    const first = await serve(event.id, async () => enqueueCount++);
    assert.deepEqual([first.decided, first.batches, enqueueCount], [3, 1, 1]);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 3, PENDING: 2 });

    await inserting.commit();
    assert.equal(await serveAll(event.id), 3);
    assert.deepEqual(await countStatuses(db, event), { CONFIRMED: 6 });
    await assertSound(db, event);
  });

  it("fails the job when the partition cannot be enqueued again", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    const inserting = await openTransaction(db);
    await placeOrders(inserting.tx, event);
    await placeOrders(db, event);
    const refuse = async () => {
      throw new Error("Redis is gone");
    };
    await assert.rejects(createParts(db).serve(event.id, refuse), /Redis is gone/);
    await inserting.rollback();
  });
});
