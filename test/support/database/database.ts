import { randomBytes } from "node:crypto";
import { createDatabase, createPool, type Db } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import { migrate } from "@onsale/database/migrate";
import { prepareQueues, queueSettings } from "@onsale/queue/backend";
import { sql } from "kysely";
import { atEnd } from "../cleanup.ts";
import { serverUrl } from "../config.ts";

const templateName = "onsale_template";

/**
 * For what tests prepare, such as 200,000 orders at once: a busy machine takes longer for it than services may take.
 */
const statementTimeoutMs = 60_000;

function urlOf(name: string, server = serverUrl()): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(statement: string, server = serverUrl()): Promise<void> {
  const db = createDatabase({
    url: server,
    connectionCountMax: 1,
    applicationName: "onsale-test",
    statementTimeoutMs,
  });
  try {
    await sql.raw(statement).execute(db);
  } finally {
    await db.destroy();
  }
}

/** Creates the migrated database that test databases are copied from. */
export async function createTemplate(server: string): Promise<void> {
  const url = await createDatabaseToKeep(templateName, server);
  await migrate(url);
  const pool = createPool({ url, connectionCountMax: 2, applicationName: "onsale-test", settings: queueSettings });
  await prepareQueues({ kind: "postgres", pool });
  await pool.end();
}

/** Creates an empty database that is not dropped; it goes with the server's folder. */
export async function createDatabaseToKeep(name: string, server: string): Promise<string> {
  await onServer(`CREATE DATABASE ${name}`, server);
  return urlOf(name, server);
}

/** Creates a database for the calling test, migrated or empty; it is dropped as cleanup.ts says. */
export async function createTestDatabase(kind: "migrated" | "empty" = "migrated"): Promise<string> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  // Copying files takes half as long as the default, which writes them to the WAL.
  const template = kind === "migrated" ? `TEMPLATE ${templateName}` : "";
  await onServer(`CREATE DATABASE ${name} ${template} STRATEGY FILE_COPY`);
  atEnd(() => onServer(`DROP DATABASE ${name} WITH (FORCE)`));
  return urlOf(name);
}

/** Connections to a database, with the hot path's plans; they are closed as cleanup.ts says. */
export function connect(url: string, connectionCountMax = 8, further: Readonly<Record<string, string>> = {}): Db {
  const settings = { ...indexPlans, ...further };
  const db = createDatabase({ url, connectionCountMax, applicationName: "onsale-test", settings, statementTimeoutMs });
  atEnd(() => db.destroy());
  return db;
}
