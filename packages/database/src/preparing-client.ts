// A connection of the pool as Kysely uses it. It sends statements with parameters as prepared ones, so that the server
// parses each once per connection. It gives up a connection on which an answer did not come in time: the next statement
// would wait behind the lost one.
import { hash } from "node:crypto";
import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type pg from "pg";
import { errorCode } from "./errors.ts";

const preparingClients = new WeakMap<pg.PoolClient, PreparingClient>();

/** The one wrapper of a connection. */
export function preparing(client: pg.PoolClient): PostgresPoolClient {
  let wrapped = preparingClients.get(client);
  if (wrapped === undefined) {
    wrapped = new PreparingClient(client);
    preparingClients.set(client, wrapped);
  }
  return wrapped;
}

class PreparingClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  #isBroken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    // The pool listens to idle connections only. When a connection dies in use, its statement fails, which is enough;
    // without this listener the error would also end the process.
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
      // An error that the server answered has a SQLSTATE, and its connection still works.
      if (errorCode(error) === "") this.#isBroken = true;
      throw error;
    });
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#isBroken);
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
