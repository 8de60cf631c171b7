// What keeps old versions of rows, on a server where all of it is possible.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { createDatabase, type Db } from "@onsale/database/client";
import { createSnapshotAges } from "@onsale/database/snapshot-ages";
import { readSnapshots } from "@onsale/database/statements/operations/read-snapshots";
import { sql } from "kysely";
import pg from "pg";
import { atEnd } from "../../support/cleanup.ts";
import { connect } from "../../support/database/database.ts";
import { startPostgres } from "../../support/database/servers/postgres-server.ts";
import { startReplica } from "../../support/database/servers/replica.ts";
import { until } from "../../support/until.ts";

describe("snapshots that keep old versions of rows", () => {
  let url: string;
  let otherUrl: string;
  let db: Db;

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), "onsale-snapshots-"));
    chmodSync(folder, 0o755);
    const server = await startPostgres(folder, { max_prepared_transactions: "5" });
    atEnd(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    url = server.url;
    db = connect(url, 2);
    await sql`CREATE DATABASE other`.execute(db);
    otherUrl = Object.assign(new URL(url), { pathname: "/other" }).href;
  });

  async function openSession(databaseUrl: string): Promise<{ pid: string; run: (text: string) => Promise<unknown> }> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    atEnd(() => client.end());
    const { rows } = await client.query("SELECT pg_backend_pid()::text AS pid");
    return { pid: rows[0].pid, run: (text) => client.query(text) };
  }

  const find = async (kind: string, name?: string) => {
    const { snapshots } = await readSnapshots(db);
    return snapshots.filter((one) => one.kind === kind && (name === undefined || one.name === name));
  };
  const nextTransaction = async () => {
    const { rows } = await sql<{ xid: string }>`SELECT pg_current_xact_id()::text AS xid`.execute(db);
    return Number(rows[0]?.xid);
  };

  it("an open transaction counts from when it has a snapshot, one of another database when it has written", async () => {
    const own = await openSession(url);
    await own.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    assert.deepEqual(await find("transaction", own.pid), []);
    await own.run("SELECT 1");
    const [snapshot] = await find("transaction", own.pid);
    assert(snapshot?.ageSeconds != null && snapshot.ageSeconds >= 0 && snapshot.ageSeconds < 60);

    const other = await openSession(otherUrl);
    await other.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await other.run("SELECT 1");
    assert.deepEqual(await find("transaction", other.pid), []);
    await other.run("SELECT pg_current_xact_id()");
    assert.equal((await find("transaction", other.pid)).length, 1);

    await Promise.all([own.run("COMMIT"), other.run("COMMIT")]);
    assert.deepEqual(await find("transaction"), []);
  });

  it("a prepared transaction counts, of whatever database", async () => {
    const other = await openSession(otherUrl);
    await other.run("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'payment 7'");
    const [snapshot] = await find("prepared");
    assert.equal(snapshot?.name, "payment 7");
    assert(snapshot.ageSeconds !== null && snapshot.ageSeconds < 60);
    await other.run("ROLLBACK PREPARED 'payment 7'");
    assert.deepEqual(await find("prepared"), []);
  });

  it("a replica's query counts by transactions, and with a slot also when the replica is gone", async () => {
    const xmin = await nextTransaction();
    await sql`SELECT pg_create_physical_replication_slot('standby')`.execute(db);
    assert.deepEqual(await find("slot"), []);
    await Promise.all([startReplica(url, xmin), startReplica(url, xmin, "standby")]);
    for (let n = 0; n < 5; n++) await nextTransaction();

    for (const kind of ["replica", "slot"]) {
      const snapshot = await until(`the ${kind} is seen`, async () => (await find(kind))[0]);
      assert.equal(snapshot.ageSeconds, null);
      assert(snapshot.ageTransactions >= 5 && snapshot.ageTransactions < 20, `${snapshot.ageTransactions}`);
    }
    await sql`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots`.execute(db);
    await until("the replica is gone", async () => {
      const { rows } = await sql`SELECT FROM pg_replication_slots WHERE active`.execute(db);
      return rows.length === 0 ? true : undefined;
    });
    assert.equal((await find("slot", "standby")).length, 1);
  });

  it("a slot has an age in seconds from when it was first read, while there are transactions", async () => {
    let nowMs = 0;
    const read = createSnapshotAges(db, () => nowMs);
    assert.equal((await read()).slot, 0);
    nowMs = 60_000;
    await nextTransaction();
    assert.equal((await read()).slot, 60);
    await sql`SELECT pg_drop_replication_slot('standby')`.execute(db);
    await sql`SELECT pg_create_physical_replication_slot('later')`.execute(db);
    await startReplica(url, await nextTransaction(), "later");
    await until("the slot is seen", async () => (await find("slot", "later"))[0]);
    nowMs = 70_000;
    await nextTransaction();
    assert.equal((await read()).slot, 0);
    nowMs = 100_000;
    assert.deepEqual({ ...(await read()), replica: 0 }, { transaction: 0, prepared: 0, replica: 0, slot: 30 });
  });

  it("those of other roles count by transactions, unless the role may read all statistics", async () => {
    const name = `test_role_${randomBytes(8).toString("hex")}`;
    await sql.raw(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`).execute(db);
    const limitedUrl = Object.assign(new URL(url), { username: name, password: "secret" }).href;
    const limited = createDatabase({ url: limitedUrl, connectionCountMax: 1, applicationName: "onsale-test" });
    atEnd(() => limited.destroy());
    const session = await openSession(url);
    await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await session.run("SELECT 1");
    await nextTransaction();
    const findIt = async () => (await readSnapshots(limited)).snapshots.find((one) => one.name === session.pid);
    const hidden = await findIt();
    assert.deepEqual([hidden?.kind, hidden?.ageSeconds, hidden?.ageTransactions], ["transaction", null, 1]);
    await sql.raw(`GRANT pg_read_all_stats TO ${name}`).execute(db);
    assert.equal(typeof (await findIt())?.ageSeconds, "number");
  });
});
