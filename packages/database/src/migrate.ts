// Migrates the database.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { createDatabase, type Db } from "./client.ts";
import { errorCode } from "./errors.ts";

const undefinedTable = "42P01";
const migrationsFolder = join(import.meta.dirname, "..", "..", "..", "migrations");

/** Reads the migrations: the folder's `0001_name.sql` files, which run in the order of their names. */
async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(migrationsFolder)).filter((file) => file.endsWith(".sql")).sort();
  const entries = files.map(async (file): Promise<[string, Migration]> => {
    const text = await readFile(join(migrationsFolder, file), "utf8");
    return [file.slice(0, -".sql".length), { up: async (db) => void (await sql.raw(text).execute(db)) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Applies the missing migrations, in one transaction. When several processes start at the same moment, a lock lets one
 * of them migrate, while the others wait and then find nothing to do.
 *
 * @returns the names of the migrations that this call applied
 * @throws the error of the migration that failed; then none of them is applied
 */
export async function migrate(url: string): Promise<string[]> {
  // A migration of a large table can take minutes, and so can waiting for another process that runs it.
  const statementTimeoutMs = 15 * 60_000;
  const db = createDatabase({ url, connectionCountMax: 2, applicationName: "onsale-migrate", statementTimeoutMs });
  try {
    // The migrator refuses a database with migrations that it does not know, but an old process may start beside new
    // ones.
    if (await (await createMigrationCheck())(db)) return [];
    const migrator = new Migrator({ db, provider: { getMigrations: readMigrations } });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return results.map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

/** Creates a check whether every migration that this version of the code knows is applied. */
export async function createMigrationCheck(): Promise<(db: Db) => Promise<boolean>> {
  const known = Object.keys(await readMigrations());
  return async (db) => {
    try {
      const { rows } = await sql<{ ready: boolean }>`
        SELECT count(*) = ${known.length} AS ready FROM kysely_migration WHERE name = ANY(${known})`.execute(db);
      return rows[0]?.ready ?? false;
    } catch (error) {
      if (errorCode(error) === undefinedTable) return false;
      throw error;
    }
  };
}

/** The migrations that this version of the code knows and that have not been applied, in their order. */
export async function findMissingMigrations(db: Db): Promise<string[]> {
  const known = Object.keys(await readMigrations());
  try {
    const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db);
    const applied = new Set(rows.map(({ name }) => name));
    return known.filter((name) => !applied.has(name));
  } catch (error) {
    if (errorCode(error) === undefinedTable) return known;
    throw error;
  }
}
