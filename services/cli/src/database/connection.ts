import { createDatabase, type Db } from "@onsale/database/client";
import { classify, errorCode } from "@onsale/database/errors";
import { type CliConfig, findDatabaseUrl } from "./config.ts";
import { CommandError } from "./failure.ts";
import { createKeyStore, type KeyStore } from "./key-store.ts";
import { plain } from "./text.ts";
import { whyOf } from "./why.ts";

/** What to do without a database; also told by `doctor`. */
export const howToFindDatabase =
  "Set DATABASE_URL, or run this where `npm start` runs, with the same DATA_DIR, after it has said that it is ready.";

const missingRelation = "42P01";
/** Told by the server, whatever it says: SQLSTATEs have five characters, codes of Node more. */
const sqlState = /^[0-9A-Z]{5}$/;

/** A database by what may be shown of its URL: never the password, nor what may hide one. */
export function describeDatabase(databaseUrl: string): string {
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
  const host = hostname || searchParams.get("host") || "localhost";
  return plain(`${host}:${port || searchParams.get("port") || "5432"}${pathname}`);
}

/** One connection, for as long as the command runs. */
export function openDatabase(databaseUrl: string): Db {
  return createDatabase({ url: databaseUrl, connectionCountMax: 1, applicationName: "onsale-cli" });
}

/** Why a database cannot be used, in one line. */
export function whyUnusable(error: unknown): string {
  const why = whyOf(error);
  return /^SASL: .*client password must be/.test(why) ? "it asks for a password, and its URL has none" : why;
}

/**
 * Runs something on the keys and accounts of the configured database.
 *
 * @throws CommandError when there is none, it cannot be reached, does not let us in, is not migrated or refuses a
 *   statement
 */
export async function withKeyStore<T>(config: CliConfig, run: (store: KeyStore) => Promise<T>): Promise<T> {
  const url = findDatabaseUrl(config);
  if (url === undefined) throw new CommandError("There is no database to work on.", howToFindDatabase);
  const db = openDatabase(url);
  try {
    await connect(db, url);
    return await run(createKeyStore(db));
  } catch (error) {
    throw explain(error, url);
  } finally {
    await db.destroy();
  }
}

/** What fails here has failed on the way in, and says so in many ways: without a password or TLS even without a code. */
async function connect(db: Db, url: string): Promise<void> {
  try {
    await db.connection().execute(async () => undefined);
  } catch (error) {
    throw unusable(error, url);
  }
}

function explain(error: unknown, url: string): unknown {
  if (errorCode(error) === missingRelation) {
    return new CommandError(
      `The database ${describeDatabase(url)} is not migrated to this version.`,
      "Start any service of this version; the first one migrates it.",
    );
  }
  const isTold = sqlState.test(errorCode(error)) || classify(error) === "unavailable";
  return isTold ? unusable(error, url) : error;
}

function unusable(error: unknown, url: string): CommandError {
  const what = `The database ${describeDatabase(url)} cannot be used: ${whyUnusable(error)}`;
  const isAway = classify(error) === "unavailable";
  const advice = isAway ? howToFindDatabase : "Is DATABASE_URL right, and may its user do this?";
  return new CommandError(what, `${advice} See: onsale doctor`);
}
