// Migrates the database.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { createDatabase, type Db } from "./client.ts";
import { insteadOfPooler, isOfPooler, requirePinnedSession, throughPooler } from "./connection/pooler.ts";
import { errorCode } from "./errors.ts";
import { buildOrderIndexes } from "./order-indexes.ts";

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
 * @throws the error of the migration that failed, and then none of them is applied; or an error whose message says in
 *   one sentence why the database cannot be used as it is set up, and what to do
 */
export async function migrate(url: string): Promise<string[]> {
  // A migration of a large table can take minutes, and so can waiting for another process that runs it.
  const statementTimeoutMs = 15 * 60_000;
  const db = createDatabase({ url, connectionCountMax: 2, applicationName: "onsale-migrate", statementTimeoutMs });
  try {
    await requireUsableSession(db);
    const { missing, unknown } = await compareMigrations(db);
    // An old process may start beside new ones; the migrator would refuse migrations that it does not know.
    if (missing.length === 0) return [];
    if (unknown.length > 0) {
      const what = `the database has the migrations ${unknown.join(", ")} of another version`;
      throw new Error(`${what}, but not ${missing.join(", ")} of this one; start a version that has all of them`);
    }
    await buildOrderIndexes(db, missing);
    const migrator = new Migrator({ db, provider: { getMigrations: readMigrations } });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return results.map((result) => result.migrationName);
  } catch (error) {
    if (lockErrors.includes(errorCode(error))) throw new Error(tablesLocked, { cause: error });
    throw isOfPooler(error) ? new Error(`${throughPooler}; ${insteadOfPooler}`, { cause: error }) : error;
  } finally {
    await db.destroy();
  }
}

/** The wait for a lock took too long, or was a deadlock with a transaction that uses several of the tables. */
const lockErrors: readonly string[] = ["55P03", "40P01"];
const tablesLocked =
  "the database cannot be migrated, because another session has locked its tables for seconds, such as a pg_dump or " +
  "an open transaction; end it (onsale doctor names it), and start again";

/** @throws when a session does not have our settings, or no schema */
async function requireUsableSession(db: Db): Promise<void> {
  await requirePinnedSession(db);
  const { rows } = await sql<{ path: string; schema: string | null }>`
    SELECT current_setting('search_path') AS path, current_schema() AS schema`.execute(db);
  const [session] = rows;
  if (session === undefined || session.schema !== null) return;
  const advice = "create the schema, or correct the search_path of the database or the role";
  throw new Error(`no schema of the search_path (${session.path}) exists and may be used; ${advice}`);
}

/** The names of known migrations that are not applied, and of applied ones that are not known. */
async function compareMigrations(db: Db): Promise<Readonly<{ missing: string[]; unknown: string[] }>> {
  const known = Object.keys(await readMigrations());
  try {
    const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`.execute(db);
    const applied = rows.map(({ name }) => name);
    return {
      missing: known.filter((name) => !applied.includes(name)),
      unknown: applied.filter((name) => !known.includes(name)),
    };
  } catch (error) {
    if (errorCode(error) === undefinedTable) return { missing: known, unknown: [] };
    throw error;
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

/**
 * Creates a check whether a process can work: every known migration is applied, and the session may write. A process
 * without traffic has no other way to notice that its sessions stayed read-only after a failover; the pool then
 * replaces them (session-pool.ts).
 */
export async function createReadinessCheck(): Promise<(db: Db) => Promise<boolean>> {
  const isMigrated = await createMigrationCheck();
  return async (db) => {
    if (!(await isMigrated(db))) return false;
    // A read-only session refuses every row lock; this statement finds no row to lock, and writes nothing.
    await sql`SELECT FROM kysely_migration WHERE false FOR KEY SHARE`.execute(db);
    return true;
  };
}

/** The migrations that this version of the code knows and that have not been applied, in their order. */
export async function findMissingMigrations(db: Db): Promise<string[]> {
  return (await compareMigrations(db)).missing;
}
