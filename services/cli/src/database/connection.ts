// Opens the database for `keys`, `accounts`, `doctor` and `orders archive`, and says what is wrong when it cannot be
// used.
import { createDatabase, type DatabaseOptions, type Db } from "@onsale/database/client";
import { describeDatabase } from "@onsale/database/connection/describe-database";
import { insteadOfPooler, isOfPooler, requirePinnedSession, throughPooler } from "@onsale/database/connection/pooler";
import { classify, errorCode } from "@onsale/database/errors";
import { type CliConfig, findDatabaseUrl } from "../config.ts";
import { CommandError } from "../output/failure.ts";
import { plain, whyOf } from "../output/text.ts";
import { createKeyStore, type KeyStore } from "./key-store.ts";

/** Advice when no database is configured. */
export const howToFindDatabase =
  "Set DATABASE_URL, or run this where `npm start` runs, with the same DATA_DIR, after it has said that it is ready.";

const missingRelation = "42P01";
/** The code of an error that the server sent: SQLSTATEs have five characters, codes of Node more. */
const sqlState = /^[0-9A-Z]{5}$/;

/** One connection, for as long as the command runs. */
export function openDatabase(
  databaseUrl: string,
  options: Pick<DatabaseOptions, "usesServerSettings" | "statementTimeoutMs"> = {},
): Db {
  return createDatabase({ url: databaseUrl, connectionCountMax: 1, applicationName: "onsale-cli", ...options });
}

/** Why a database cannot be used, in one line. */
export function whyUnusable(error: unknown): string {
  if (isOfPooler(error)) return throughPooler;
  const why = whyOf(error);
  return /^SASL: .*client password must be/.test(why) ? "it asks for a password, and its URL has none" : why;
}

/** What to do when a pooler is in between. */
export function adviceOnPooler(error: unknown): string | undefined {
  return isOfPooler(error) ? `${insteadOfPooler.replace(/^l/, "L")}.` : undefined;
}

/**
 * Runs something on the keys and accounts of the configured database, and closes the connection.
 *
 * @throws CommandError when no database is configured, or it cannot be reached, refuses the login or a statement, or is
 *   not migrated
 */
export function withKeyStore<T>(config: CliConfig, run: (store: KeyStore) => Promise<T>): Promise<T> {
  return withDatabase(config, (db) => run(createKeyStore(db)));
}

/**
 * Runs something on the configured database, and closes the connection.
 *
 * @param statementTimeoutMs of each statement; 5 s by default
 * @throws CommandError as `withKeyStore`
 */
export async function withDatabase<T>(
  config: CliConfig,
  run: (db: Db) => Promise<T>,
  statementTimeoutMs?: number,
): Promise<T> {
  const url = findDatabaseUrl(config);
  if (url === undefined) throw new CommandError("There is no database to work on.", howToFindDatabase);
  const db = openDatabase(url, statementTimeoutMs === undefined ? {} : { statementTimeoutMs });
  try {
    await connect(db, url);
    return await run(db);
  } catch (error) {
    throw explain(error, url);
  } finally {
    await db.destroy();
  }
}

/** Turns every error into a CommandError, because some, such as a missing password or TLS, have no code. */
async function connect(db: Db, url: string): Promise<void> {
  try {
    await requirePinnedSession(db);
  } catch (error) {
    throw unusable(error, url);
  }
}

function explain(error: unknown, url: string): unknown {
  if (errorCode(error) === missingRelation) {
    return new CommandError(
      `The database ${plain(describeDatabase(url))} is not migrated to this version.`,
      "Start any service of this version; the first one migrates it.",
    );
  }
  const isExpected = sqlState.test(errorCode(error)) || classify(error) === "unavailable";
  return isExpected ? unusable(error, url) : error;
}

function unusable(error: unknown, url: string): CommandError {
  const what = `The database ${plain(describeDatabase(url))} cannot be used: ${whyUnusable(error)}`;
  const isUnavailable = classify(error) === "unavailable";
  const advice = isUnavailable ? howToFindDatabase : "Is DATABASE_URL right, and may its user do this?";
  return new CommandError(what, `${adviceOnPooler(error) ?? advice} See: onsale doctor`);
}
