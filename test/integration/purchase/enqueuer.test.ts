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

describe("telling the workers of new orders", () => {
  let db: Db;
  let producer: Producer<AllocateJob>;
  let enqueuer: ReturnType<typeof create>;
  /** Buckets whose arrivals were announced since the last call of `beforeEach`. */
  let announced: number[];
  /** How often a job was added, or found to be there already, since the last call of `beforeEach`. */
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

  it("begins at once where nobody is at work", async () => {
    enqueuer.wake(1, 10);
    enqueuer.announceDecided(1, 10);
    await untilTrue("it is enqueued", async () => (await enqueueCount()) === 1);
  });

  it("announces the first order after a pause where a worker was seen just now, and no further ones", async () => {
    const standingStill = create(producer, createMetrics(), () => 1_000);
    standingStill.announceDecided(1, 10);
    standingStill.wake(1, 11);
    standingStill.wake(1, 12);
    assert.deepEqual(announced, [1]);
    standingStill.announceDecided(1, 12);
    await nextTurn();
    standingStill.wake(1 + bucketCount, 13);
    assert.deepEqual(announced, [1, 1]);
    // Both are heard of in the same turn.
    standingStill.announceDecided(1 + bucketCount, 13);
    standingStill.wake(1, 14);
    assert.deepEqual(announced, [1, 1, 1]);
    await standingStill.close();
    assert.equal(await enqueueCount(), 0);
  });

  it("enqueues where no worker was seen for 25 ms, and announces nothing there", async () => {
    let nowMs = 1_000;
    const late = create(producer, createMetrics(), () => nowMs);
    late.announceDecided(1, 10);
    nowMs += 25;
    late.wake(1, 11);
    await untilTrue("it is enqueued", async () => (await enqueueCount()) >= 1);
    assert.deepEqual(announced, []);
    await late.close();
  });

  it("enqueues nothing while a worker is seen at work, however many orders come", async () => {
    for (let seq = 1; seq <= 20_000; seq++) {
      enqueuer.announceDecided(1, seq - 1);
      enqueuer.wake(1, seq);
      if (seq % 10 === 0) await nextTurn();
    }
    enqueuer.announceDecided(1, 20_000);
    await enqueuer.close();
    assert.equal(await enqueueCount(), 0);
  });

  it("tries again when nobody is seen at work, until the last order is decided", async () => {
    enqueuer.wake(1, 10);
    await untilTrue("it is enqueued again", async () => (await enqueueCount()) >= 3);
    enqueuer.announceDecided(1, 9);
    const before = await enqueueCount();
    await untilTrue("and again, while the last order is not decided", async () => (await enqueueCount()) > before);
  });

  it("keeps partitions apart: one that is served does not speak for another", async () => {
    enqueuer.announceDecided(1, 10);
    enqueuer.wake(2, 11);
    await untilTrue("it is enqueued", async () => (await enqueueCount()) >= 1);
  });

  it("does not watch an order whose decision was announced before it was heard of", async () => {
    enqueuer.announceDecided(1, 10);
    enqueuer.wake(1, 10);
    // By the time another partition was enqueued again and again, this one would have been, too.
    enqueuer.wake(2, 11);
    await untilTrue("the other one is enqueued", async () => (await enqueueCount()) >= 4);
    const waiting = Object.entries(await producer.countJobs()).filter(([, { waiting = 0 }]) => waiting > 0);
    assert.deepEqual(
      waiting.map(([queue]) => queue),
      [queueName(partitionOf(2, partitionCount))],
    );
  });

  it("leaves an order that nobody decides to the reconciler after a while", async () => {
    enqueuer.wake(1, 10);
    await untilTrue("it is enqueued six times", async () => (await enqueueCount()) >= 6);
    // Another one takes as long; meanwhile nothing is done for the first.
    enqueuer.wake(2, 11);
    await untilTrue("the other one is, too", async () => (await enqueueCount()) >= 12);
    await enqueuer.close();
    assert.equal(await enqueueCount(), 12);
  });

  it("counts what cannot be enqueued, and leaves it to the reconciler", async () => {
    const metrics = createMetrics();
    const url = `redis://127.0.0.1:${await findFreePort()}`;
    const producer = openProducer({ kind: "redis", urls: [url] }, allocateLanes(partitionCount), () => undefined);
    atEnd(producer.close);
    const lonely = create(producer, metrics);
    atEnd(lonely.close);
    lonely.wake(1, 10);
    lonely.wake(2, 11);
    const failures = async () => /^enqueue_failures_total (\d+)$/m.exec(await metrics.text())?.[1];
    await untilTrue("both failures are counted", async () => (await failures()) === "2");
  });
});
