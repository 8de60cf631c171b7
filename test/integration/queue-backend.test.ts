import { strict as assert } from "node:assert";
import { it } from "node:test";
import { createPool } from "@onsale/database/client";
import { connect, prepareQueues, queueSettings } from "@onsale/queue/backend";
import { atEnd } from "../support/cleanup.ts";
import { createTestDatabase } from "../support/database.ts";

it("a consumer on PostgreSQL looks for itself within seconds, also after an error", async () => {
  const connection = { url: await createTestDatabase(), connectionCountMax: 4, applicationName: "onsale-test" };
  const pool = createPool({ ...connection, settings: queueSettings });
  atEnd(() => pool.end());
  const source = { kind: "postgres", pool } as const;
  await prepareQueues(source);
  const { factory, close } = connect(source, "consumer", assert.fail);
  const backend = factory("idle", { connection: {} }, { withBlockingConnection: true });
  try {
    // BullMQ waits for so long after an error.
    assert((backend.maximumBlockTimeout ?? Number.POSITIVE_INFINITY) <= 10);
  } finally {
    await backend.close();
    close();
  }
});
