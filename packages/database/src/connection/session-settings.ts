// The settings that every session of ours starts with. A database, a role or the server's configuration can change the
// default of each of them, and with it results, durability, plans, or how long a session lives
// (docs/decisions/0014-pinned-settings.md). Settings of the pool come on top (index-plans.ts, backend.ts in queue).

/** Pinned while the session starts. All of them exist in PostgreSQL 15, and every role may set them. */
const pinned: Readonly<Record<string, string>> = {
  // The server drops the connection of a vanished host after 25 s instead of two hours. Its transactions may have
  // locks, and orders behind an insert that never ends would stay undecided (arrival-floor.ts).
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",

  // How values are read and written. The driver parses dates of the ISO style only.
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  bytea_output: "hex",
  extra_float_digits: "1",
  standard_conforming_strings: "on",
  array_nulls: "on",
  transform_null_equals: "off",

  // What a statement sees, and when it is given up.
  default_transaction_isolation: "read committed",
  default_transaction_deferrable: "off",
  lock_timeout: "0",
  idle_session_timeout: "0",
  exit_on_error: "off",
  client_min_messages: "warning",
  "plpgsql.extra_errors": "none",

  // How statements are planned. JIT would compile each of them: `enable_seqscan = off` makes costs look enormous.
  jit: "off",
  plan_cache_mode: "auto",
  from_collapse_limit: "8",
  join_collapse_limit: "8",
  enable_bitmapscan: "on",
  enable_hashagg: "on",
  enable_hashjoin: "on",
  enable_incremental_sort: "on",
  enable_indexonlyscan: "on",
  enable_indexscan: "on",
  enable_material: "on",
  enable_memoize: "on",
  enable_mergejoin: "on",
  enable_nestloop: "on",
  enable_seqscan: "on",
  enable_sort: "on",
  enable_tidscan: "on",

  // A start finds this missing when a pooler drops the parameters of sessions (migrate.ts).
  "onsale.pinned": "on",

  // What migrations create.
  default_table_access_method: "heap",
};

/** As `pinned`, for settings that PostgreSQL 15 does not know: where they exist, a statement sets them. */
const pinnedWhereKnown: Readonly<Record<string, string>> = {
  transaction_timeout: "0",
  force_parallel_mode: "off",
  debug_parallel_query: "off",
};

/** Of `synchronous_commit`, these wait for the disk of the server; "remote_apply" waits for its replicas as well. */
const durable = ["on", "remote_apply"];

/** Settings in the form of the start-up parameter `options`, where blanks and backslashes are escaped. */
export function sessionOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries({ ...pinned, ...settings })
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`)
    .join(" ");
}

/**
 * The statement that each session begins with, for what start-up parameters cannot express: settings that the server
 * may not know, and `synchronous_commit`, which is raised to "on" and never lowered.
 *
 * @param settings those of the pool; when they have `synchronous_commit`, it stays as it is
 */
export function firstStatement(settings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(pinnedWhereKnown).map(([name, value]) => `('${name}', '${value}', '{${value}}')`);
  if (settings.synchronous_commit === undefined) rows.push(`('synchronous_commit', 'on', '{${durable.join(",")}}')`);
  return `SELECT set_config(name, value, false)
    FROM (VALUES ${rows.join(", ")}) AS wanted(name, value, good)
    WHERE current_setting(name, true) <> ALL(good::text[])`;
}

/** Takes the parameter `options` out of a URL, because the driver would use it in place of ours. */
export function splitOptions(url: string): Readonly<{ url: string; options: string }> {
  const queryStart = url.indexOf("?");
  if (queryStart < 0) return { url, options: "" };
  const parameters = new URLSearchParams(url.slice(queryStart + 1));
  const options = parameters.get("options");
  if (options === null) return { url, options: "" };
  parameters.delete("options");
  const rest = parameters.size === 0 ? "" : `?${parameters}`;
  return { url: `${url.slice(0, queryStart)}${rest}`, options: `${options} ` };
}
