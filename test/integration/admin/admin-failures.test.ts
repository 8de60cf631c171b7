import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { isPoolExhausted, isTimeout } from "@onsale/admin/errors/database-failures";
import { createDatabase } from "@onsale/database/client";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { openTransaction } from "../../support/database/transactions.ts";

/** The error that a promise is rejected with. */
async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert(error instanceof Error);
  return error;
}

describe("a query of the admin service that failed", () => {
  const open = async (statementTimeoutMs: number) => {
    const url = await createTestDatabase();
    const db = createDatabase({ url, connectionCountMax: 1, applicationName: "onsale-test", statementTimeoutMs });
    atEnd(() => db.destroy());
    return db;
  };

  it("counts as a timeout when PostgreSQL cancelled it", async () => {
    const db = await open(50);
    const error = await errorOf(sql`SELECT pg_sleep(30)`.execute(db));
    assert.deepEqual([isTimeout(error), isPoolExhausted(error)], [true, false]);
  });

  it("counts as an exhausted pool when no connection became free in time", async () => {
    const db = await open(5_000);
    const { rollback } = await openTransaction(db);
    const error = await errorOf(sql`SELECT 1`.execute(db));
    assert.deepEqual([isTimeout(error), isPoolExhausted(error)], [false, true]);
    await rollback().catch(() => undefined);
  });
});
