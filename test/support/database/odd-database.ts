// Gives a database the defaults that other people's databases have.
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import pg from "pg";

/** Settings that break, slow down or weaken a program that relies on PostgreSQL's defaults. */
export const oddSettings: Readonly<Record<string, string>> = {
  array_nulls: "off",
  bytea_output: "escape",
  datestyle: "German, DMY",
  debug_parallel_query: "on",
  default_transaction_isolation: "serializable",
  enable_indexonlyscan: "off",
  enable_indexscan: "off",
  enable_nestloop: "off",
  enable_sort: "off",
  extra_float_digits: "-5",
  idle_session_timeout: "100ms",
  intervalstyle: "iso_8601",
  jit: "on",
  jit_above_cost: "0",
  join_collapse_limit: "1",
  lock_timeout: "1ms",
  plan_cache_mode: "force_custom_plan",
  "plpgsql.extra_errors": "all",
  standard_conforming_strings: "off",
  synchronous_commit: "off",
  timezone: "Australia/Lord_Howe",
  transaction_timeout: "1min",
  transform_null_equals: "on",
};

/** Changes the defaults of a database, for sessions that are opened from then on. */
export async function alterDatabase(url: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // A database can be read-only itself.
    await client.query("SET default_transaction_read_only = off");
    const name = client.escapeIdentifier(new URL(url).pathname.slice(1));
    for (const [setting, value] of Object.entries(settings)) {
      await client.query(`ALTER DATABASE ${name} SET ${setting} = ${quoted(value)}`);
    }
  } finally {
    await client.end();
  }
}

/** A list, such as that of `datestyle`, is several strings. */
function quoted(value: string): string {
  return value
    .split(", ")
    .map((part) => `'${part}'`)
    .join(", ");
}

/** Ends all other sessions of the database, or those with an application's name. */
export async function terminateSessions(db: Db, applicationName?: string): Promise<void> {
  await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND (${applicationName ?? null}::text IS NULL OR application_name = ${applicationName ?? null})`.execute(db);
}
