import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createPool, type Db } from "@onsale/database/client";
import { bucketCount, partitionOf } from "@onsale/domain/bucket";
import { createEnqueuer } from "@onsale/gateway/dispatch/enqueuer";
import { createDecisions } from "@onsale/gateway/results/decisions";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { queueSettings } from "@onsale/queue/backend";
import { type AllocateJob, allocateLanes, queueName } from "@onsale/queue/lanes";
import { openProducer, type Producer } from "@onsale/queue/producer";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { countStatements } from "../../support/database/statements.ts";
import { untilTrue } from "../../support/until.ts";

const partitionCount = 4;
const logger = createLogger("test", "silent");

describe("the enqueuer", () => {
  let db: Db;
  let producer: Producer<AllocateJob>;
  let enqueuer: ReturnType<typeof create>;
  /** Buckets whose arrivals were announced since the last call of `beforeEach`. */
  let announced: number[];
  /** How often a job was added, or existed already, since the last call of `beforeEach`. */
  let enqueueCount: () => Promise<number>;

  const create = (producer: Producer<AllocateJob>, metrics = createMetrics(), now = () => performance.now()) => {
    const decisions = createDecisions();
    const arrivals = { announce: (bucket: number) => announced.push(bucket) };
    const created = createEnqueuer({ producer, partitionCount, decisions, arrivals, metrics, logger, now });
    atEnd(created.close);
    const announceDecided = (eventId: number, seq: number) =>
      decisions.publish({ eventId, seq, count: 1, soldOut: [] });
    return { ...created, announceDecided };
  };

  beforeEach(async () => {
    const url = await createTestDatabase();
    db = connect(url);
    const connection = { url, connectionCountMax: 4, applicationName: "onsale-test", settings: queueSettings };
    const pool = createPool(connection);
    atEnd(() => pool.end());
    producer = openProducer({ kind: "postgres", pool }, allocateLanes(partitionCount), assert.fail);
    atEnd(producer.close);
    announced = [];
    enqueuer = create(producer);
    const count = await countStatements(db);
    enqueueCount = async () => (await count("add_job(")).calls;
  });

  it("enqueues a partition at once when no worker serves it", async () => {
    enqueuer.wake(1, 10);
    enqueuer.announceDecided(1, 10);
    await untilTrue("it is enqueued", async () => (await enqueueCount()) === 1);
  });

  it("announces the first order after a pause to a worker that was just seen, and no further orders", async () => {
    const withFixedClock = create(producer, createMetrics(), () => 1_000);
    withFixedClock.announceDecided(1, 10);
    withFixedClock.wake(1, 11);
    withFixedClock.wake(1, 12);
    assert.deepEqual(announced, [1]);
    withFixedClock.announceDecided(1, 12);
    await nextTurn();
    withFixedClock.wake(1 + bucketCount, 13);
    assert.deepEqual(announced, [1, 1]);
    // The decision and the order come in the same turn of the event loop.
    withFixedClock.announceDecided(1 + bucketCount, 13);
    withFixedClock.wake(1, 14);
    assert.deepEqual(announced, [1, 1, 1]);
    await withFixedClock.close();
    assert.equal(await enqueueCount(), 0);
  });

  it("enqueues a partition where no worker was seen for 25 ms, and announces nothing there", async () => {
    let nowMs = 1_000;
    const late = create(producer, createMetrics(), () => nowMs);
    late.announceDecided(1, 10);
    nowMs += 25;
    late.wake(1, 11);
    await untilTrue("it is enqueued", async () => (await enqueueCount()) >= 1);
    assert.deepEqual(announced, []);
    await late.close();
  });

  it("enqueues nothing while decisions show a worker, however many orders come", async () => {
    // Its clock stands still: on a busy machine more than 25 ms can pass between two lines.
    const served = create(producer, createMetrics(), () => 1_000);
    for (let seq = 1; seq <= 20_000; seq++) {
      served.announceDecided(1, seq - 1);
      served.wake(1, seq);
      if (seq % 10 === 0) await nextTurn();
    }
    served.announceDecided(1, 20_000);
    await served.close();
    assert.equal(await enqueueCount(), 0);
  });

  it("enqueues again while no worker is seen, until the last order is decided", async () => {
    enqueuer.wake(1, 10);
    await untilTrue("it is enqueued again", async () => (await enqueueCount()) >= 3);
    enqueuer.announceDecided(1, 9);
    const before = await enqueueCount();
    await untilTrue("and again, while the last order is not decided", async () => (await enqueueCount()) > before);
  });

  it("watches each partition for itself: a worker of one does not count for another", async () => {
    enqueuer.announceDecided(1, 10);
    enqueuer.wake(2, 11);
    await untilTrue("it is enqueued", async () => (await enqueueCount()) >= 1);
  });

  it("does not watch an order whose decision was announced before its insert returned", async () => {
    enqueuer.announceDecided(1, 10);
    enqueuer.wake(1, 10);
    // While the other partition is enqueued four times, this one would be, too.
    enqueuer.wake(2, 11);
    await untilTrue("the other one is enqueued", async () => (await enqueueCount()) >= 4);
    const enqueued = Object.entries(await producer.countJobs()).filter(([, { waiting = 0 }]) => waiting > 0);
    assert.deepEqual(
      enqueued.map(([queue]) => queue),
      [queueName(partitionOf(2, partitionCount))],
    );
  });

  it("leaves an order without a decision to the reconciler after six attempts", async () => {
    enqueuer.wake(1, 10);
    await untilTrue("it is enqueued six times", async () => (await enqueueCount()) >= 6);
    // The second order takes as long as the first, whose partition is not enqueued meanwhile.
    enqueuer.wake(2, 11);
    await untilTrue("the other one is enqueued six times", async () => (await enqueueCount()) >= 12);
    await enqueuer.close();
    assert.equal(await enqueueCount(), 12);
  });

  it("counts failed enqueues, and leaves their orders to the reconciler", async () => {
    const metrics = createMetrics();
    const url = `redis://127.0.0.1:${await findFreePort()}`;
    const producer = openProducer({ kind: "redis", urls: [url] }, allocateLanes(partitionCount), () => undefined);
    atEnd(producer.close);
    const withoutQueue = create(producer, metrics);
    atEnd(withoutQueue.close);
    withoutQueue.wake(1, 10);
    withoutQueue.wake(2, 11);
    const failures = async () => /^enqueue_failures_total (\d+)$/m.exec(await metrics.text())?.[1];
    await untilTrue("both failures are counted", async () => (await failures()) === "2");
  });
});
