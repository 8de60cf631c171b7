import { createDatabase, type Db } from "@onsale/database/client";
import { classify, errorCode } from "@onsale/database/errors";
import { type CliConfig, findDatabaseUrl } from "./config.ts";
import { CommandError } from "./failure.ts";
import { plain } from "./text.ts";
import { whyOf } from "./why.ts";

/** What to do without a database; also told by `doctor`. */
export const howToFindDatabase =
  "Set DATABASE_URL, or run this where `npm start` runs, with the same DATA_DIR, after it has said that it is ready.";

const missingRelation = "42P01";
const wrongPassword = "28P01";

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

/**
 * Runs something on the configured database.
 *
 * @throws CommandError when there is none, it cannot be reached or it is not migrated
 */
export async function withDatabase<T>(config: CliConfig, run: (db: Db) => Promise<T>): Promise<T> {
  const url = findDatabaseUrl(config);
  if (url === undefined) throw new CommandError("There is no database to work on.", howToFindDatabase);
  const db = openDatabase(url);
  try {
    return await run(db);
  } catch (error) {
    throw explain(error, url);
  } finally {
    await db.destroy();
  }
}

function explain(error: unknown, url: string): unknown {
  const where = describeDatabase(url);
  if (errorCode(error) === missingRelation) {
    return new CommandError(
      `The database ${where} is not migrated to this version.`,
      "Start any service of this version; the first one migrates it.",
    );
  }
  if (errorCode(error) === wrongPassword || classify(error) === "unavailable") {
    return new CommandError(`The database ${where} cannot be used: ${whyOf(error)}`, howToFindDatabase);
  }
  return error;
}
