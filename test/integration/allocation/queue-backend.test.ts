import { strict as assert } from "node:assert";
import { it } from "node:test";
import { createPool } from "@onsale/database/client";
import { connect, prepareQueues, queueSettings } from "@onsale/queue/backend";
import { openConsumer } from "@onsale/queue/consumer";
import { allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { untilTrue } from "../../support/until.ts";

it("a consumer on PostgreSQL queries for jobs within seconds, also after an error", async () => {
  const connection = { url: await createTestDatabase(), connectionCountMax: 4, applicationName: "onsale-test" };
  const pool = createPool({ ...connection, settings: queueSettings });
  atEnd(() => pool.end());
  const source = { kind: "postgres", pool } as const;
  await prepareQueues(source);
  const { factory, close } = connect(source, "consumer", assert.fail);
  const backend = factory("idle", { connection: {} }, { withBlockingConnection: true });
  try {
    // How many seconds BullMQ waits after an error.
    assert((backend.maximumBlockTimeout ?? Number.POSITIVE_INFINITY) <= 10);
  } finally {
    await backend.close();
    close();
  }
});

it("a producer on PostgreSQL whose first connection failed works when the next one succeeds", async () => {
  const connection = { url: await createTestDatabase(), connectionCountMax: 1, applicationName: "onsale-test" };
  const pool = createPool({ ...connection, settings: queueSettings });
  atEnd(() => pool.end());
  const source = { kind: "postgres", pool } as const;
  await prepareQueues(source);
  // The only connection is in use for longer than the pool waits.
  const onlyConnection = await pool.connect();
  const producer = openProducer(source, allocateLanes(1), () => undefined);
  atEnd(producer.close);
  await assert.rejects(producer.enqueue({ partition: 0 }), /timeout/);
  onlyConnection.release();
  assert.equal(await producer.enqueue({ partition: 0 }), true);
});

it("a job on PostgreSQL whose process died with a fast clock is run by another one", async () => {
  const connection = { url: await createTestDatabase(), connectionCountMax: 4, applicationName: "onsale-test" };
  const pool = createPool({ ...connection, settings: queueSettings });
  atEnd(() => pool.end());
  const source = { kind: "postgres", pool } as const;
  await prepareQueues(source);
  const lanes = allocateLanes(1);
  const producer = openProducer(source, lanes, assert.fail);
  atEnd(producer.close);
  await producer.enqueue({ partition: 0 });
  const hourMs = 3_600_000;
  const { rowCount } = await pool.query(
    "UPDATE job SET state = 'active', lock_token = 'of a dead process', locked_until_ms = $1",
    [Date.now() + hourMs],
  );
  assert.equal(rowCount, 1);
  await pool.query("INSERT INTO meta (queue, field, value) SELECT queue, 'stalled-check', $1 FROM job", [
    String(Date.now() + hourMs),
  ]);
  const ran: unknown[] = [];
  const consumer = openConsumer(source, {
    lanes,
    concurrency: 1,
    handle: async (job) => ran.push(job),
    onError: () => undefined,
  });
  atEnd(consumer.close);
  await untilTrue("the job runs", () => ran.length > 0);
});
