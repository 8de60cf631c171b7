import { strict as assert } from "node:assert";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createMigrationCheck, migrate } from "@onsale/database/migrate";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { alterDatabase } from "../../support/database/odd-database.ts";
import { projectFolder } from "../../support/services/services.ts";

const names = readdirSync(join(projectFolder, "migrations"))
  .map((file) => file.replace(/\.sql$/, ""))
  .sort();

describe("migrating", () => {
  it("has one migration for each number, from 1 on without a gap", () => {
    const numbers = names.map((name) => name.split("_")[0]);
    assert.deepEqual(
      numbers,
      names.map((_, index) => String(index + 1).padStart(4, "0")),
    );
  });

  it("applies every migration in the order of the names, and the second time none", async () => {
    const url = await createTestDatabase("empty");
    assert.deepEqual(await migrate(url), names);
    assert.deepEqual(await migrate(url), []);
  });

  it("several processes that start at once all succeed, and each migration is applied once", async () => {
    const url = await createTestDatabase("empty");
    const applied = await Promise.all([migrate(url), migrate(url), migrate(url), migrate(url)]);
    assert.deepEqual(applied.flat(), names);
    const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`.execute(connect(url));
    assert.deepEqual(
      rows.map((row) => row.name),
      names,
    );
  });

  it("changes nothing when a migration fails", async () => {
    const url = await createTestDatabase("empty");
    const db = connect(url);
    await sql`CREATE TABLE orders ()`.execute(db);
    await assert.rejects(migrate(url), { code: "42P07" });
    const { rows } = await sql<{ tables: string[] }>`
      SELECT array_agg(tablename::text) AS tables FROM pg_tables
      WHERE schemaname = 'public' AND tablename NOT LIKE 'kysely%'`.execute(db);
    assert.deepEqual(rows[0]?.tables, ["orders"]);
    await sql`DROP TABLE orders`.execute(db);
    assert.deepEqual(await migrate(url), names);
  });

  it("a database is up to date from the moment its last migration is applied", async () => {
    const url = await createTestDatabase("empty");
    const db = connect(url);
    const isMigrated = await createMigrationCheck();
    await migrate(url);
    assert.equal(await isMigrated(db), true);
    await sql`DELETE FROM kysely_migration WHERE name = ${names.at(-1)}`.execute(db);
    assert.equal(await isMigrated(db), false);
  });

  it("a process that knows fewer migrations than the database has starts beside newer processes", async () => {
    const url = await createTestDatabase();
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('9999_of_a_later_version', now())`.execute(
      connect(url),
    );
    assert.deepEqual(await migrate(url), []);
  });

  it("a database without migrations is not up to date", async () => {
    const isMigrated = await createMigrationCheck();
    assert.equal(await isMigrated(connect(await createTestDatabase("empty"))), false);
  });

  it("of a database with newer migrations, one of ours missing, ends with a sentence that names both", async () => {
    const url = await createTestDatabase();
    const db = connect(url);
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('9999_of_a_later_version', now())`.execute(db);
    await sql`DELETE FROM kysely_migration WHERE name = ${names[1]}`.execute(db);
    const message =
      `the database has the migrations 9999_of_a_later_version of another version, but not ${names[1]} of this one; ` +
      "start a version that has all of them";
    await assert.rejects(migrate(url), { message });
  });

  it("with a search_path that does not exist ends with a sentence that names it", async () => {
    for (const url of [await createTestDatabase("empty"), await createTestDatabase()]) {
      await alterDatabase(url, { search_path: "nowhere" });
      const message =
        /^no schema of the search_path \(nowhere\) exists and may be used; create the schema, or correct /;
      await assert.rejects(migrate(url), { message });
    }
  });
});
