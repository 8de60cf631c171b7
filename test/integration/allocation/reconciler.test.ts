import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import { createPool, type Db } from "@onsale/database/client";
import { bucketsOf } from "@onsale/domain/bucket";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { prepareQueues, type QueueSource, queueSettings } from "@onsale/queue/backend";
import { type AllocateJob, allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { findFreePort } from "@onsale/standalone/free-port";
import { createAllocator } from "@onsale/worker/allocator";
import { startReconciler } from "@onsale/worker/reconciler";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { assertSound, readOrders } from "../../support/database/sale.ts";
import { openQueue, queueSourceOf, restrict } from "../../support/services/queue-source.ts";
import { untilTrue } from "../../support/until.ts";

const partitionCount = 4;

describe("orders that no job decides", () => {
  let url: string;
  let db: Db;
  let event: TestEvent;

  beforeEach(async () => {
    url = await createTestDatabase();
    db = connect(url);
    event = await createTestEvent(db, { STANDARD: 3 });
    await placeOrders(db, event, times(5, {}));
  });

  /** Starts a reconciler and an allocator, as in a worker, but no consumer takes jobs from the queue. */
  async function startWithoutConsumer(source: QueueSource, stalledAfterMs: number): Promise<void> {
    await prepareQueues(source);
    const metrics = createMetrics();
    const producer = openProducer(source, allocateLanes(partitionCount), () => undefined);
    atEnd(producer.close);
    const allocator = createAllocator(db, metrics, createLogger("test", "silent"));
    const serve = (job: AllocateJob) =>
      allocator.serve(bucketsOf(job.partition, partitionCount), () => producer.enqueue(job));
    const reconciler = startReconciler({
      db,
      producer,
      partitionCount,
      serve,
      metrics,
      onError: () => undefined,
      stalledAfterMs,
    });
    atEnd(reconciler.close);
  }

  const untilDecided = async () => {
    await untilTrue("the orders are decided", async () =>
      (await readOrders(db, event)).every(({ status }) => status !== "PENDING"),
    );
    await assertSound(db, event);
  };

  it("are decided without a job when the queue cannot be reached", async () => {
    await startWithoutConsumer({ kind: "redis", urls: [`redis://127.0.0.1:${await findFreePort()}`] }, 3_600_000);
    await untilDecided();
  });

  it("are decided without a job when jobs can be enqueued but no consumer gets them", async () => {
    const pool = createPool({ url, connectionCountMax: 4, applicationName: "onsale-test", settings: queueSettings });
    atEnd(() => pool.end());
    await startWithoutConsumer({ kind: "postgres", pool }, 1_000);
    await untilDecided();
  });

  for (const kind of ["paused", "rate-limit", "concurrency", "foreign-jobs"] as const) {
    it(`are decided without a job while their queue is restricted: ${kind}`, async () => {
      const source = queueSourceOf({ DATABASE_URL: url });
      await prepareQueues(source);
      for (const { name } of allocateLanes(partitionCount).queues) await restrict[kind](await openQueue(source, name));
      await startWithoutConsumer(source, 3_600_000);
      await untilDecided();
    });
  }

  it("are left to the queue as long as a consumer may still get their job", async () => {
    const pool = createPool({ url, connectionCountMax: 4, applicationName: "onsale-test", settings: queueSettings });
    atEnd(() => pool.end());
    const source = { kind: "postgres", pool } as const;
    await startWithoutConsumer(source, 3_600_000);
    const producer = openProducer(source, allocateLanes(partitionCount), assert.fail);
    atEnd(producer.close);
    const waiting = async () =>
      Object.values(await producer.countJobs()).reduce((sum, { waiting = 0 }) => sum + waiting, 0);
    await untilTrue("a job waits", async () => (await waiting()) === 1);
    assert((await readOrders(db, event)).every(({ status }) => status === "PENDING"));
  });
});
