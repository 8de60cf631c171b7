// A connection of the pool as Kysely uses it. It sends statements with parameters as prepared ones, so that the server
// parses each once per connection. It gives up a connection on which an answer did not come in time, because the next
// statement would wait behind the lost one, and one whose session is useless (session-pool.ts). A statement that such a
// session refused is sent again over another connection, so that its caller does not notice.
import { hash } from "node:crypto";
import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from "kysely";
import pg from "pg";
import { errorCode } from "../errors.ts";
import type { Session, SessionPool } from "./session-pool.ts";

const preparingClients = new WeakMap<pg.PoolClient, PreparingClient>();

/** The one wrapper of a connection, for one use of it. */
export function preparing(pool: SessionPool, client: pg.PoolClient): PostgresPoolClient {
  let wrapped = preparingClients.get(client);
  if (wrapped === undefined) {
    wrapped = new PreparingClient(pool, client);
    preparingClients.set(client, wrapped);
  }
  wrapped.begin();
  return wrapped;
}

/** How often a statement is sent at most: over a useless session, one that became useless meanwhile, and a new one. */
const attemptCountMax = 3;
/** The server ended the session with these, which can happen right after the commit. */
const uncertain = new Set(["57P01", "57P02"]);
const changesNothing = /^\s*(?:select|begin|start)\b/i;

class PreparingClient implements PostgresPoolClient {
  readonly #pool: SessionPool;
  #client: pg.PoolClient | undefined;
  #session: Session;
  #isBroken = false;
  /** Since the connection was taken from the pool. */
  #statementCount = 0;

  constructor(pool: SessionPool, client: pg.PoolClient) {
    this.#pool = pool;
    this.#client = client;
    this.#session = pool.sessionOf(client);
    this.#watch(client);
  }

  begin(): void {
    this.#statementCount = 0;
  }

  /**
   * The pool listens to idle connections only. When a connection dies in use, its statement fails, which is enough;
   * without this listener the error would also end the process.
   */
  #watch(client: pg.PoolClient): void {
    client.on("error", () => {
      if (client === this.#client) this.#isBroken = true;
    });
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query(text: unknown, values: readonly unknown[] = []): unknown {
    if (typeof text !== "string") throw new TypeError("cursors are not used here");
    this.#statementCount++;
    const config = values.length > 0 ? { text, values: values.map(toParameter), name: statementName(text) } : { text };
    return this.#require()
      .query(config)
      .catch((error: unknown) => this.#recover(config, error));
  }

  /** Sends a statement again over another connection, when this one is useless and nothing depends on it. */
  async #recover(config: pg.QueryConfig, firstError: unknown): Promise<unknown> {
    let error = firstError;
    // A later statement may be part of a transaction, or need a lock of the session.
    const mayMove = this.#statementCount === 1;
    for (let attemptCount = 1; mayMove && attemptCount < attemptCountMax; attemptCount++) {
      if (!this.#session.isUseless || !this.#isRolledBack(config.text, error)) break;
      await this.#move();
      try {
        return await this.#require().query(config);
      } catch (next) {
        error = next;
      }
    }
    // An error that the server answered has a SQLSTATE, and its connection still works unless the session is useless.
    if (errorCode(error) === "") this.#isBroken = true;
    throw error;
  }

  /** A statement that the server has not answered may have taken effect. */
  #isRolledBack(text: string, error: unknown): boolean {
    const isAnswered = error instanceof pg.DatabaseError;
    return (isAnswered && !uncertain.has(errorCode(error))) || changesNothing.test(text);
  }

  async #move(): Promise<void> {
    this.#client?.release(true);
    this.#client = undefined;
    const client = await this.#pool.connect();
    this.#client = client;
    this.#session = this.#pool.sessionOf(client);
    this.#isBroken = false;
    preparingClients.set(client, this);
    this.#watch(client);
  }

  #require(): pg.PoolClient {
    if (this.#client === undefined) throw new Error("Connection terminated: no other one could be opened");
    return this.#client;
  }

  release(destroy = false): void {
    this.#client?.release(destroy || this.#isBroken || this.#session.isUseless);
  }
}

const statementNames = new Map<string, string>();

/** A statement's name is a digest of its text. The set of texts is limited, because lists are sent as arrays. */
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

const needsEscape = /["\\]/;

/**
 * An array in PostgreSQL's text form, or undefined when it contains anything but text, numbers and nulls. The driver
 * escapes every element with two regular expressions, which took 4 % of the gateway's time under load.
 */
export function arrayLiteral(items: readonly unknown[]): string | undefined {
  let literal = "{";
  for (const item of items) {
    if (literal.length > 1) literal += ",";
    if (typeof item === "string") {
      literal += `"${needsEscape.test(item) ? item.replace(/["\\]/g, "\\$&") : item}"`;
    } else if (typeof item === "number") literal += item;
    else if (item === null) literal += "NULL";
    else return undefined;
  }
  return `${literal}}`;
}
