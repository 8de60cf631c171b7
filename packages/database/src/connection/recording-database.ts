// A database without a server, for the SQL files below packages/database/sql: it records what statements send, and
// answers with rows that were given beforehand.
import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from "kysely";
import type { Db } from "../client.ts";
import type { Schema } from "../schema.ts";

export type RecordingDatabase = Readonly<{
  db: Db;
  /** The text of every query, in the order in which they were sent, with those that begin and end transactions. */
  queries: readonly string[];
  /** How many of the answers no query has used. */
  unusedCount: () => number;
}>;

const transactionControl = /^(begin|start transaction|commit|rollback)\b/;

/** @param answers the rows that each query finds, in order; further queries, and transaction control, find none */
export function createRecordingDatabase(answers: readonly (readonly object[])[]): RecordingDatabase {
  const queries: string[] = [];
  const remaining = [...answers];
  const client = new RecordingClient((text) => {
    queries.push(text);
    return transactionControl.test(text) ? [] : (remaining.shift() ?? []);
  });
  const pool = { connect: async () => client, end: async () => undefined, options: {} };
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return { db, queries, unusedCount: () => remaining.length };
}

class RecordingClient implements PostgresPoolClient {
  readonly #answer: (text: string) => readonly object[];

  constructor(answer: (text: string) => readonly object[]) {
    this.#answer = answer;
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query(text: unknown): unknown {
    if (typeof text !== "string") throw new TypeError("cursors are not used here");
    const rows = this.#answer(text);
    return Promise.resolve({ command: "SELECT", rowCount: rows.length, rows });
  }

  release(): void {}
}
