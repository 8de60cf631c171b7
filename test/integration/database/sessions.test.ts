import { strict as assert } from "node:assert";
import { once } from "node:events";
import { before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection, createDatabase, createPool, type DatabaseOptions, type Db } from "@onsale/database/client";
import { ProcessSessions } from "@onsale/database/connection/process-sessions";
import { classify } from "@onsale/database/errors";
import { indexPlans } from "@onsale/database/index-plans";
import { createReadinessCheck, migrate } from "@onsale/database/migrate";
import { queueSettings } from "@onsale/queue/backend";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { alterDatabase, oddSettings, terminateSessions } from "../../support/database/odd-database.ts";

function open(url: string, part: Partial<DatabaseOptions> = {}): Db {
  const db = createDatabase({ url, connectionCountMax: 1, applicationName: "onsale-test", ...part });
  atEnd(() => db.destroy());
  return db;
}

async function readSettings(db: Db, names: readonly string[]): Promise<Record<string, string>> {
  const { rows } = await sql<{ name: string; setting: string }>`
    SELECT name, current_setting(name, true) AS setting FROM unnest(${names}::text[]) AS name`.execute(db);
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

const expected = {
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  bytea_output: "hex",
  default_transaction_isolation: "read committed",
  enable_indexscan: "on",
  enable_nestloop: "on",
  enable_sort: "on",
  idle_session_timeout: "0",
  jit: "off",
  lock_timeout: "0",
  plan_cache_mode: "auto",
  synchronous_commit: "on",
  array_nulls: "on",
  transform_null_equals: "off",
  client_encoding: "UTF8",
};

describe("a connection that a library has taken from a pool", () => {
  it("may break while no statement runs, which does not end the process", async () => {
    const url = await createTestDatabase("empty");
    const pool = createPool({ url, connectionCountMax: 1, applicationName: "onsale-test-taken" });
    atEnd(() => pool.end());
    const client = await pool.connect();
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await sql`SELECT pg_terminate_backend(${rows[0]?.pid}::int)`.execute(connect(url, 1));
    await ended;
    client.release();
    assert.equal((await pool.query("SELECT 1")).rowCount, 1);
  });
});

describe("a session on a database whose defaults are odd", () => {
  let url: string;

  before(async () => {
    url = await createTestDatabase("empty");
    await alterDatabase(url, oddSettings);
  });

  it("has the settings that we rely on, in every pool", async () => {
    assert.deepEqual(await readSettings(open(url), Object.keys(expected)), expected);
    const hot = await readSettings(open(url, { settings: indexPlans }), Object.keys(expected));
    assert.deepEqual(hot, { ...expected, plan_cache_mode: "force_generic_plan" });
  });

  it("has them in BullMQ's pool, whose commits do not wait for the disk", async () => {
    const pool = createPool({ url, connectionCountMax: 1, applicationName: "onsale-test", settings: queueSettings });
    atEnd(() => pool.end());
    const names = Object.keys(expected);
    const { rows } = await pool.query(
      "SELECT json_object_agg(name, current_setting(name)) AS settings FROM unnest($1::text[]) AS name",
      [names],
    );
    assert.deepEqual(rows[0].settings, { ...expected, synchronous_commit: "off" });
  });

  it("has them in a connection outside a pool, as a listener's is, with those that only newer servers know", async () => {
    const names = [...Object.keys(expected), "transaction_timeout", "debug_parallel_query"];
    const { client, connect } = createConnection({ url, applicationName: "onsale-test" });
    await connect();
    atEnd(() => client.end());
    const { rows } = await client.query(
      "SELECT json_object_agg(name, current_setting(name)) AS settings FROM unnest($1::text[]) AS name",
      [names],
    );
    assert.deepEqual(rows[0].settings, { ...expected, transaction_timeout: "0", debug_parallel_query: "off" });
  });

  it("reads dates, and lives while it is idle", async () => {
    const db = open(url);
    const read = async () => {
      const { rows } = await sql<{ at: Date; pid: number }>`
        SELECT '2026-03-04T05:06:07Z'::timestamptz AS at, pg_backend_pid() AS pid`.execute(db);
      return rows[0];
    };
    const first = await read();
    assert.equal(first?.at.toISOString(), "2026-03-04T05:06:07.000Z");
    await delay(300);
    assert.equal((await read())?.pid, first?.pid);
  });

  it("migrates", async () => {
    assert((await migrate(url)).length > 0);
  });

  it("keeps synchronous_commit = remote_apply, which waits for more", async () => {
    const careful = await createTestDatabase("empty");
    await alterDatabase(careful, { synchronous_commit: "remote_apply" });
    assert.deepEqual(await readSettings(open(careful), ["synchronous_commit"]), { synchronous_commit: "remote_apply" });
  });

  it("keeps the options that the URL has, and values with blanks", async () => {
    const withOptions = new URL(url);
    withOptions.searchParams.set("options", "-c work_mem=5MB");
    const db = open(withOptions.href, { settings: { search_path: 'public, "a b"' } });
    const names = ["work_mem", "search_path", "DateStyle"];
    const settings = { work_mem: "5MB", search_path: 'public, "a b"', DateStyle: "ISO, MDY" };
    assert.deepEqual(await readSettings(db, names), settings);
  });
});

describe("a useless session", () => {
  let url: string;
  let observer: Db;

  before(async () => {
    url = await createTestDatabase();
    observer = connect(url);
    await sql`CREATE TABLE notes (id int PRIMARY KEY, body varchar(10))`.execute(observer);
  });

  const insertNote = (db: Db, id: number) => sql`INSERT INTO notes (id) VALUES (${id})`.execute(db);
  const readNotes = (db: Db) => sql`SELECT * FROM notes WHERE id = ${1}`.execute(db);
  const readPid = async (db: Db) =>
    (await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(db)).rows[0]?.pid;

  /** A pool with sessions that are read-only, although the database has become writable again. */
  async function openReadOnly(): Promise<Db> {
    const readOnly = await createTestDatabase();
    await alterDatabase(readOnly, { default_transaction_read_only: "on" });
    const db = open(readOnly, { connectionCountMax: 3 });
    await Promise.all([1, 2, 3].map(() => sql`SELECT pg_sleep(0.05)`.execute(db)));
    await assert.rejects(sql`CREATE TABLE notes (id int)`.execute(db), (error) => classify(error) === "unavailable");
    await alterDatabase(readOnly, { default_transaction_read_only: "off" });
    await delay(1_100);
    return db;
  }

  it("that is read-only is replaced, and the statement succeeds", async () => {
    const db = await openReadOnly();
    await sql`CREATE TABLE notes (id int)`.execute(db);
    await insertNote(db, 1);
  });

  it("that is read-only makes a transaction fail as unavailable once, and the next one succeeds", async () => {
    const db = await openReadOnly();
    const create = () => db.transaction().execute((tx) => sql`CREATE TABLE notes (id int)`.execute(tx));
    await assert.rejects(create(), (error) => classify(error) === "unavailable");
    await create();
  });

  it("that is read-only is not ready until the database can be written again, as the check finds out", async () => {
    const readOnly = await createTestDatabase();
    await alterDatabase(readOnly, { default_transaction_read_only: "on" });
    const db = open(readOnly);
    const isReady = await createReadinessCheck();
    await assert.rejects(isReady(db), { code: "25006" });
    await alterDatabase(readOnly, { default_transaction_read_only: "off" });
    await delay(1_100);
    assert.equal(await isReady(db), true);
  });

  it("that is read-only has those of the other pools replaced, also the ones that only read or listen", async () => {
    const demoted = await createTestDatabase();
    await alterDatabase(demoted, { default_transaction_read_only: "on" });
    const sessions = new ProcessSessions();
    const [writer, reader] = [open(demoted, { sessions }), open(demoted, { sessions })];
    const library = createPool({ url: demoted, connectionCountMax: 1, applicationName: "onsale-test", sessions });
    atEnd(() => library.end());
    const listening = await library.connect();
    const broken = once(listening, "error");
    await listening.query("LISTEN one");
    const readerPid = await readPid(reader);
    await readPid(writer);
    await alterDatabase(demoted, { default_transaction_read_only: "off" });
    await delay(1_100);

    await sql`CREATE TABLE notes (id int)`.execute(writer);
    assert.notEqual(await readPid(reader), readerPid);
    const [error] = await broken;
    assert.match(String(error), /the session is replaced/);
    listening.release(true);
  });

  it("of a server that is read-only is opened again at most once a second", async () => {
    const readOnly = await createTestDatabase();
    await alterDatabase(readOnly, { default_transaction_read_only: "on" });
    const db = open(readOnly);
    const pids = new Set<number | undefined>();
    const startedAtMs = performance.now();
    while (performance.now() - startedAtMs < 1_500) {
      await assert.rejects(sql`CREATE TABLE t ()`.execute(db), { code: "25006" });
      pids.add(await readPid(db));
    }
    assert(pids.size <= 3, `${pids.size} sessions`);
  });

  it("whose plan no longer fits is replaced, and the statement succeeds", async () => {
    const db = open(url);
    await insertNote(db, 1);
    await readNotes(db);
    await sql`ALTER TABLE notes ALTER COLUMN body TYPE varchar(20)`.execute(observer);
    await readNotes(db);
    await sql`ALTER TABLE notes ADD COLUMN extra int`.execute(observer);
    assert.deepEqual((await readNotes(db)).rows, [{ id: 1, body: null, extra: null }]);
  });

  it("that lost its prepared statements is replaced, and the statement succeeds", async () => {
    const db = open(url);
    await readNotes(db);
    const before = await readPid(db);
    await sql`DEALLOCATE ALL`.execute(db);
    await readNotes(db);
    assert.notEqual(await readPid(db), before);
  });

  it("is not replaced between two statements of a reserved connection", async () => {
    const db = open(url);
    const failed = db.connection().execute(async (own) => {
      await readNotes(own);
      await sql`DEALLOCATE ALL`.execute(own);
      await readNotes(own);
    });
    await assert.rejects(failed, (error) => classify(error) === "unavailable");
    await readNotes(db);
  });

  it("of BullMQ's pool is replaced after the first failure, with all that were opened before", async () => {
    const pool = createPool({ url, connectionCountMax: 3, applicationName: "onsale-test", settings: queueSettings });
    atEnd(() => pool.end());
    await alterDatabase(url, { default_transaction_read_only: "on" });
    await Promise.all([1, 2, 3].map(() => pool.query("SELECT pg_sleep(0.05)")));
    await alterDatabase(url, { default_transaction_read_only: "off" });
    await delay(1_100);
    await assert.rejects(pool.query("CREATE TABLE first ()"), { code: "25006" });
    await Promise.all([1, 2, 3].map((number) => pool.query(`CREATE TABLE public.of_pool_${number} ()`)));
  });

  it("that was ended is replaced when nothing was changed, and the statement succeeds", async () => {
    const db = open(url, { applicationName: "ended" });
    const slow = sql`SELECT pg_sleep(0.5)`.execute(db);
    await delay(200);
    await terminateSessions(observer, "ended");
    await slow;
  });
});
