import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { createDatabase, type DatabaseOptions, type Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { findFreePort } from "@onsale/standalone/free-port";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { until, untilTrue } from "../../support/until.ts";

/** The cheapest statement. */
const checkConnection = (db: Db) => sql`SELECT 1`.execute(db);

describe("a pool of connections", () => {
  let url: string;
  let observer: Db;
  let poolCount = 0;

  before(async () => {
    url = await createTestDatabase();
    observer = connect(url);
  });

  /** A pool of one connection, a function that kills it from outside, and the errors of idle connections. */
  function createSingle(part: Partial<DatabaseOptions> = {}) {
    const applicationName = `single ${poolCount++}`;
    const idleErrors: Error[] = [];
    const onIdleError = (error: Error) => idleErrors.push(error);
    const db = createDatabase({ url, connectionCountMax: 1, applicationName, onIdleError, ...part });
    atEnd(() => db.destroy());
    const killConnection = async () => {
      const { rows } = await sql<{ pid: number; killed: boolean }>`
        SELECT pid, pg_terminate_backend(pid, 5000) AS killed FROM pg_stat_activity
        WHERE application_name = ${applicationName}`.execute(observer);
      assert.deepEqual([rows.length, rows[0]?.killed], [1, true]);
      return rows[0]?.pid;
    };
    return { db, idleErrors, killConnection };
  }

  const readPid = async (db: Db) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(db);
    return rows[0]?.pid;
  };

  it("replaces an idle connection that was killed", async () => {
    const { db, idleErrors, killConnection } = createSingle();
    await checkConnection(db);
    const killed = await killConnection();
    await untilTrue("the pool has noticed", () => idleErrors.length > 0);
    const [error] = idleErrors;
    assert.equal(classify(error), "unavailable");
    assert.notEqual(await readPid(db), killed);
    assert.equal(idleErrors.length, 1);
  });

  it("replaces a connection that was killed during a statement, which fails as unavailable", async () => {
    const { db, killConnection } = createSingle();
    const { tx, commit } = await openTransaction(observer);
    await sql`LOCK TABLE events`.execute(tx);
    // A statement that only reads would be sent again over another connection (sessions.test.ts).
    const failure = sql`DELETE FROM events`.execute(db).catch((error: unknown) => error);
    await untilBlocked(observer);
    const killed = await killConnection();
    assert.equal(classify(await failure), "unavailable");
    await commit();
    assert.notEqual(await until("there is another connection", () => readPid(db)), killed);
  });

  it("replaces a connection that was killed during a transaction's statement, which fails as unavailable", async () => {
    const { db, killConnection } = createSingle();
    const { tx, commit } = await openTransaction(observer);
    await sql`LOCK TABLE events`.execute(tx);
    const transaction = db.transaction().execute((own) => sql`SELECT count(*) FROM events`.execute(own));
    const failure = transaction.catch((error: unknown) => error);
    await untilBlocked(observer);
    const killed = await killConnection();
    assert.equal(classify(await failure), "unavailable");
    await commit();
    assert.notEqual(await until("there is another connection", () => readPid(db)), killed);
  });

  it("replaces a connection that was killed between two statements of a transaction", async () => {
    const { db, killConnection } = createSingle();
    const transaction = db.transaction().execute(async (tx) => {
      await checkConnection(tx);
      await killConnection();
      await checkConnection(tx);
    });
    await assert.rejects(transaction, (error) => classify(error) === "unavailable");
    await until("there is another connection", () => readPid(db));
  });

  it("replaces a connection on which no answer arrives any more", async () => {
    const proxy = await startProxy(url);
    const { db } = createSingle({ url: proxy.url, statementTimeoutMs: 10 });
    await checkConnection(db);
    proxy.muteConnections();
    await assert.rejects(checkConnection(db), (error) => classify(error) === "unavailable");
    await until("there is another connection", () => readPid(db), 5_000);
  });

  it("cancels a statement that takes too long, and stays usable", async () => {
    const { db } = createSingle({ statementTimeoutMs: 50 });
    const { tx, commit } = await openTransaction(observer);
    await sql`LOCK TABLE events`.execute(tx);
    await assert.rejects(sql`SELECT FROM events`.execute(db), (error) => classify(error) === "unavailable");
    await commit();
    await checkConnection(db);
  });

  it("reads bigint as a number, in every kind of statement", async () => {
    const { db } = createSingle();
    const largest = Number.MAX_SAFE_INTEGER;
    const plain = await sql<{ n: number }>`SELECT 9007199254740991::bigint AS n`.execute(db);
    const prepared = await sql<{ n: number }>`SELECT ${largest}::bigint AS n`.execute(db);
    assert.deepEqual([plain.rows, prepared.rows], [[{ n: largest }], [{ n: largest }]]);
  });

  it("applies settings to every session", async () => {
    const { db, killConnection } = createSingle({ settings: { enable_seqscan: "off", search_path: "elsewhere" } });
    const read = async () => {
      const { rows } = await sql`
        SELECT current_setting('enable_seqscan') AS seqscan, current_setting('search_path') AS path`.execute(db);
      return rows;
    };
    const expected = [{ seqscan: "off", path: "elsewhere" }];
    assert.deepEqual(await read(), expected);
    await killConnection();
    assert.deepEqual(await until("there is another connection", read), expected);
  });

  it("fails as unavailable when PostgreSQL cannot be reached", async () => {
    const unreachable = new URL(url);
    unreachable.port = String(await findFreePort());
    const db = connect(unreachable.href);
    await assert.rejects(checkConnection(db), (error) => classify(error) === "unavailable");
  });
});
