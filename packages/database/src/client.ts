// Connections to PostgreSQL: pools, and the settings of every session.
import { databaseServers } from "@onsale/config/database-url";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { preparing } from "./connection/preparing-client.ts";
import { findPrimary, primaryClient } from "./connection/primary-client.ts";
import { ProcessSessions } from "./connection/process-sessions.ts";
import { SessionPool } from "./connection/session-pool.ts";
import { firstStatement, sessionOptions, splitOptions } from "./connection/session-settings.ts";
import type { Schema } from "./schema.ts";

/** What statements run on: a pool of connections, one connection, or a transaction. */
export type Db = Kysely<Schema>;

export type DatabaseOptions = Readonly<{
  url: string;
  /** Connections at most. */
  connectionCountMax: number;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** The server cancels a statement after this time. */
  statementTimeoutMs?: number;
  /** Further settings of every session, such as `enable_seqscan: "off"`. */
  settings?: Readonly<Record<string, string>>;
  /** Leaves the settings of sessions as the server has them, to judge the server itself. */
  usesServerSettings?: boolean;
  /** What the pools and listeners of the process share; a pool without it is on its own. */
  sessions?: ProcessSessions;
  /** Called with errors of idle connections, which the pool replaces by itself. */
  onIdleError?: (error: Error) => void;
}>;

const idleInTransactionMaxMs = 3_000;
const keepAliveAfterMs = 10_000;
const int8Oid = 20;

/** bigint columns here stay far below 2^53, so they are read as numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === int8Oid ? Number : pg.types.getTypeParser(oid, format)),
};

type ConnectionOptions = Omit<DatabaseOptions, "connectionCountMax" | "onIdleError">;
/** How to connect, and the class that does it. */
type Connecting = Readonly<{ config: pg.ClientConfig; Client: new (config?: pg.ClientConfig) => pg.Client }>;

/** With several hosts, connections lead to the primary; with one, the driver connects as usual. */
function connecting(options: ConnectionOptions, sessions: ProcessSessions): Connecting {
  const config = connectionConfig(options);
  const servers = databaseServers(splitOptions(options.url).url);
  const [first] = servers;
  if (servers.length === 1) return { config, Client: pg.Client };
  const primary = sessions.primaryOf(options.url, () => findPrimary(servers, config, () => sessions.replaceNow()));
  return { config: { ...config, connectionString: first.url }, Client: primaryClient(primary) };
}

function connectionConfig(options: ConnectionOptions): pg.ClientConfig {
  const { applicationName, statementTimeoutMs = 5_000, settings = {}, usesServerSettings = false } = options;
  const given = splitOptions(options.url);
  return {
    connectionString: given.url,
    application_name: applicationName,
    connectionTimeoutMillis: 3_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    statement_timeout: statementTimeoutMs,
    // A process that freezes or loses its network during a transaction must not keep its locks.
    idle_in_transaction_session_timeout: idleInTransactionMaxMs,
    // The server's own time-out comes first; this one is for a server that no longer answers.
    query_timeout: statementTimeoutMs + 1_000,
    options: usesServerSettings ? given.options : given.options + sessionOptions(settings),
    types,
  };
}

/**
 * A connection outside a pool.
 *
 * @returns the connection, and a function that connects it and gives its session our settings; the caller ends it
 */
export function createConnection(
  options: Omit<DatabaseOptions, "connectionCountMax" | "usesServerSettings" | "onIdleError">,
): Readonly<{ client: pg.Client; connect: () => Promise<void> }> {
  const { config, Client } = connecting(options, options.sessions ?? new ProcessSessions());
  const client = new Client(config);
  const connect = async () => {
    await client.connect();
    await client.query(firstStatement(options.settings ?? {}));
  };
  return { client, connect };
}

/** A plain pool, for a library that brings its own SQL. The caller ends it. */
export function createPool(options: DatabaseOptions): SessionPool {
  const begin = firstStatement(options.settings ?? {});
  const onConnect = (client: pg.ClientBase) => client.query(begin);
  const { sessions = new ProcessSessions() } = options;
  const { config, Client } = connecting(options, sessions);
  const poolConfig = {
    ...config,
    Client,
    max: options.connectionCountMax,
    ...(options.usesServerSettings ? {} : { onConnect }),
  };
  const pool = new SessionPool(poolConfig, sessions);
  pool.on("error", (error) => {
    // The pool attaches the whole connection to the error, which is far too much for a log.
    Reflect.deleteProperty(error, "client");
    options.onIdleError?.(error);
  });
  return pool;
}

/** A pool with Kysely's query builder. Connects on first use; `destroy()` ends it. */
export function createDatabase(options: DatabaseOptions): Db {
  const pool = createPool(options);
  const prepare = (client: pg.PoolClient) => preparing(pool, client);
  const connect = () => pool.acquire(prepare);
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: pool.options } }),
  });
}
