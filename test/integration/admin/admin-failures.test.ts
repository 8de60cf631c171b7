import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { isCrowded, isTimeout } from "@onsale/admin/errors/database-failures";
import { createDatabase } from "@onsale/database/client";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { openTransaction } from "../../support/database/transactions.ts";

/** What a promise was rejected with. */
async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert(error instanceof Error);
  return error;
}

describe("what an admin service could not ask PostgreSQL", () => {
  const open = async (statementTimeoutMs: number) => {
    const url = await createTestDatabase();
    const db = createDatabase({ url, connectionCountMax: 1, applicationName: "onsale-test", statementTimeoutMs });
    atEnd(() => db.destroy());
    return db;
  };

  it("is known to have taken too long, and not taken for a connection that failed", async () => {
    const db = await open(50);
    const error = await errorOf(sql`SELECT pg_sleep(30)`.execute(db));
    assert.deepEqual([isTimeout(error), isCrowded(error)], [true, false]);
  });

  it("is known to have waited for a connection that others had", async () => {
    const db = await open(5_000);
    const { rollback } = await openTransaction(db);
    const error = await errorOf(sql`SELECT 1`.execute(db));
    assert.deepEqual([isTimeout(error), isCrowded(error)], [false, true]);
    await rollback().catch(() => undefined);
  });
});
