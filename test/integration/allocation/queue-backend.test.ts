import { strict as assert } from "node:assert";
import { it } from "node:test";
import { createPool } from "@onsale/database/client";
import { connect, prepareQueues, queueSettings } from "@onsale/queue/backend";
import { allocateLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";

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
