import { hash } from "node:crypto";
import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from "kysely";
import pg from "pg";
import { arrayLiteral } from "./array-literal.ts";
import { errorCode } from "./errors.ts";
import type { Schema } from "./schema.ts";

/** Everything that statements need: one pool of connections, typed. */
export type Db = Kysely<Schema>;

export type DatabaseOptions = Readonly<{
  url: string;
  /** Connections at most. */
  connectionCountMax: number;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** After this long the server gives a statement up. */
  statementTimeoutMs?: number;
  /** Further settings of every session, such as `enable_seqscan: "off"`. */
  settings?: Readonly<Record<string, string>>;
  /** Told about errors of idle connections, which the pool replaces by itself. */
  onIdleError?: (error: Error) => void;
}>;

const idleInTransactionMaxMs = 3_000;
const keepAliveAfterMs = 10_000;
/**
 * A host that is gone without a word is noticed by the server after 25 s instead of two hours: its transactions may hold
 * locks, and orders behind an insert that never ends would wait for it (arrival-floor.ts).
 */
const keepAliveSettings = { tcp_keepalives_idle: "10", tcp_keepalives_interval: "5", tcp_keepalives_count: "3" };
const int8Oid = 20;

/** bigint columns here stay far below 2^53, so they are read as numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === int8Oid ? Number : pg.types.getTypeParser(oid, format)),
};

/** The settings of one connection; also for connections outside a pool. */
export function connectionConfig(options: Omit<DatabaseOptions, "connectionCountMax">): pg.ClientConfig {
  const { url, applicationName, statementTimeoutMs = 5_000, settings = {} } = options;
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 3_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    statement_timeout: statementTimeoutMs,
    // A process that is frozen or cut off in mid-transaction must not keep its locks.
    idle_in_transaction_session_timeout: idleInTransactionMaxMs,
    // The server's own time-out answers first; this one is for a server that no longer answers at all.
    query_timeout: statementTimeoutMs + 1_000,
    options: Object.entries({ ...keepAliveSettings, ...settings })
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(" "),
    types,
  };
}

/** A plain pool, for a library that brings its own SQL. The caller ends it. */
export function createPool(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(options), max: options.connectionCountMax });
  pool.on("error", (error) => {
    // The pool hangs the whole connection onto it, which nobody wants in a log.
    Reflect.deleteProperty(error, "client");
    options.onIdleError?.(error);
  });
  return pool;
}

/** A pool behind Kysely. Connects on first use; `destroy()` ends it. */
export function createDatabase(options: DatabaseOptions): Db {
  const pool = createPool(options);
  const connect = async () => preparing(await pool.connect());
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: pool.options } }),
  });
}

const statementNames = new Map<string, string>();

/** A statement's name is a digest of its text. There is a fixed set of texts, because lists travel as arrays. */
function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = hash("sha256", text, "hex").slice(0, 32);
    statementNames.set(text, name);
  }
  return name;
}

function toParameter(value: unknown): unknown {
  return Array.isArray(value) ? (arrayLiteral(value) ?? value) : value;
}

const preparingClients = new WeakMap<pg.PoolClient, PreparingClient>();

function preparing(client: pg.PoolClient): PreparingClient {
  let wrapped = preparingClients.get(client);
  if (wrapped === undefined) {
    wrapped = new PreparingClient(client);
    preparingClients.set(client, wrapped);
  }
  return wrapped;
}

/**
 * Sends statements with parameters as prepared ones, so that the server parses each once per connection, and gives a
 * connection up on which an answer did not come in time: the next statement would wait behind the lost one.
 */
class PreparingClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  #isBroken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    // The pool listens to idle connections only. One that dies while it is in use fails its statements, and that is
    // enough; without a listener it would end the process as well.
    client.on("error", () => {
      this.#isBroken = true;
    });
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query(text: unknown, values: readonly unknown[] = []): unknown {
    if (typeof text !== "string") throw new TypeError("cursors are not used here");
    const config = values.length > 0 ? { text, values: values.map(toParameter), name: statementName(text) } : { text };
    return this.#client.query(config).catch((error: unknown) => {
      // What the server answered has a SQLSTATE, and its connection is in order.
      if (errorCode(error) === "") this.#isBroken = true;
      throw error;
    });
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#isBroken);
  }
}
