// A deploy in mid-sale: the new version's first process migrates the database while processes of version 0008 sell.
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { migrate } from "@onsale/database/migrate";
import { sql } from "kysely";
import pg from "pg";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { projectFolder } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

const folder = join(projectFolder, "migrations");
const filesBefore = (name: string) =>
  readdirSync(folder)
    .filter((file) => file < name)
    .sort();

/** What an older gateway and worker send (commit f727ada). */
const insertOrder = `
  INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint)
  VALUES (gen_random_uuid(), 1, 1, 'STANDARD', 1, 'optimistic', $1, '\\x00')
  ON CONFLICT ON CONSTRAINT orders_idempotency DO NOTHING`;
const findOrder = "SELECT id FROM orders WHERE account_id = 1 AND idempotency_key = $1";
const writeStock = `
  WITH stock AS (
    UPDATE inventory i SET allocated = i.allocated + 1, version = i.version + 1, decided_seq = 7
    FROM (SELECT ctid FROM inventory WHERE event_id = 1 AND ticket_type = $1 OFFSET 0) AS place
    WHERE i.ctid = place.ctid
  )
  UPDATE buckets SET decided_seq = greatest(decided_seq, 0) WHERE bucket = 1`;

describe("a database of version 0008 with a sale", () => {
  let url: string;
  let db: Db;
  let old: pg.Client;

  beforeEach(async () => {
    url = await createTestDatabase("empty");
    db = connect(url, 2);
    await sql`CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255))`.execute(db);
    await applyFiles(filesBefore("0009"));
    await sql`
      INSERT INTO events (account_id, code, name, start_time, end_time) VALUES (1, 'show', 'A show', now(), 'infinity')`.execute(
      db,
    );
    await sql`INSERT INTO inventory (event_id, ticket_type, total) VALUES (1, 'STANDARD', 1000)`.execute(db);
    old = await openSession();
  });

  async function applyFiles(files: readonly string[]): Promise<void> {
    for (const file of files) {
      await sql.raw(readFileSync(join(folder, file), "utf8")).execute(db);
      const name = file.replace(/\.sql$/, "");
      await sql`INSERT INTO kysely_migration VALUES (${name}, '2026-01-01')`.execute(db);
    }
  }

  async function openSession(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    atEnd(() => client.end());
    return client;
  }

  const insert = async (key: string) =>
    (await old.query({ name: "insert", text: insertOrder, values: [key] })).rowCount;

  async function assertMigrated(): Promise<void> {
    const { rows } = await sql<{ column: string }>`
      SELECT attrelid::regclass || '.' || attname AS column FROM pg_attribute
      WHERE attcollation = 'pg_catalog."C"'::regcollation AND attrelid = ANY(ARRAY['orders', 'events', 'inventory',
        'inventory_totals', 'accounts', 'api_keys']::regclass[]) ORDER BY 1`.execute(db);
    const inOrder = [
      "accounts.name",
      "api_keys.id",
      "events.code",
      "inventory.pools",
      "inventory.price_currency",
      "inventory.ticket_type",
    ];
    const ofOrders = ["orders.idempotency_key", "orders.payment_reference", "orders.ticket_type"];
    assert.deepEqual(
      rows.map(({ column }) => column),
      [...inOrder, "inventory_totals.ticket_type", ...ofOrders],
    );
  }

  it("is migrated beside older processes, whose statements go on, in the same sessions", async () => {
    assert.equal(await insert("key 1"), 1);
    await old.query({ name: "write", text: writeStock, values: ["STANDARD"] });

    // Somebody's old transaction holds up the index, and nobody else.
    const holder = await openSession();
    await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await holder.query("SELECT 1");
    const migrating = migrate(url);
    await until("the index waits", async () => {
      const { rows } = await sql`
        SELECT FROM pg_stat_progress_create_index WHERE datname = current_database()
          AND phase LIKE 'waiting%'`.execute(db);
      return rows.length > 0 ? true : undefined;
    });
    assert.equal(await insert("key 2"), 1);
    assert.equal(await insert("key 1"), 0);
    await holder.query("COMMIT");
    assert.deepEqual((await migrating).slice(0, 2), ["0009_generations", "0010_key_collation"]);
    await assertMigrated();

    assert.deepEqual([await insert("key 2"), await insert("key 3")], [0, 1]);
    await old.query({ name: "write", text: writeStock, values: ["STANDARD"] });
    await old.query("SET enable_seqscan = off");
    const { rows } = await old.query(`EXPLAIN ${findOrder.replace("$1", "'key 3'")}`);
    assert.match(rows.map((row) => row["QUERY PLAN"]).join("\n"), /Index Scan using orders_idempotency /);

    const event = { id: 1, accountId: 1, code: "show" };
    await placeOrders(db, event, times(2, {}));
    await decideAll(db, 1);
    const { rows: stock } = await sql`SELECT allocated, version FROM inventory`.execute(db);
    assert.deepEqual(stock, [{ allocated: 7, version: 4 }]);
  });

  it("is migrated by one of several processes that start at once, and after a start that was interrupted", async () => {
    await sql`CREATE UNIQUE INDEX orders_idempotency_c ON orders (account_id, idempotency_key)`.execute(db);
    await sql`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_idempotency_c'::regclass`.execute(db);
    const applied = (await Promise.all([migrate(url), migrate(url), migrate(url)])).flat();
    assert.equal(new Set(applied).size, applied.length);
    await assertMigrated();
    assert.deepEqual([await insert("key 1"), await insert("key 1")], [1, 0]);
  });

  const locked = { message: /^the database cannot be migrated, because another session has locked its tables / };

  it("is not migrated while another session has its tables, and a sentence says so", async () => {
    const holder = await openSession();
    await holder.query("BEGIN; LOCK TABLE inventory IN ACCESS SHARE MODE");
    await assert.rejects(migrate(url), locked);
    await holder.query("COMMIT");
    await migrate(url);
    await assertMigrated();
  });

  it("is not migrated from any version between while another session has tables of that step", async () => {
    await applyFiles(filesBefore("0012").filter((file) => file > "0009"));
    const holder = await openSession();
    await holder.query("BEGIN; LOCK TABLE orders IN ACCESS SHARE MODE");
    await assert.rejects(migrate(url), locked);
    await holder.query("COMMIT");
    assert.deepEqual((await migrate(url)).slice(0, 2), ["0012_order_life", "0013_orders_by_customer"]);
  });

  it("ends the sessions of older processes, whose prepared statements would fail for good, and no others", async () => {
    const orders = "SELECT ticket_type FROM orders WHERE seq = $1";
    const sessions = await Promise.all(
      ["onsale-gateway", "psql"].map(async (name) => {
        const client = new pg.Client({ connectionString: url, application_name: name });
        let isEnded = false;
        client.on("error", () => {
          isEnded = true;
        });
        await client.connect();
        atEnd(() => client.end());
        await client.query({ name: "read", text: orders, values: [1] });
        return { client, isEnded: () => isEnded };
      }),
    );
    await migrate(url);
    const [ofOurs, ofOthers] = sessions;
    await until("it has ended", () => (ofOurs?.isEnded() ? true : undefined));
    assert.equal((await ofOthers?.client.query("SELECT 1"))?.rowCount, 1);
  });

  it("lists events and ticket types in byte order, whatever its collation is", async () => {
    await migrate(url);
    const event = await createTestEvent(db, { "B-1": 1, A_1: 1, A1: 1, "A-1": 1 });
    const { rows } = await sql<{ type: string }>`
      SELECT ticket_type AS type FROM inventory WHERE event_id = ${event.id} ORDER BY ticket_type`.execute(db);
    assert.deepEqual(
      rows.map(({ type }) => type),
      ["A-1", "A1", "A_1", "B-1"],
    );
  });
});
