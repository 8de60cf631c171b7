// The PostgreSQL server that all contestants share, and the new database that each run gets.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPool } from "@onsale/database/client";
import { migrate } from "@onsale/database/migrate";
import { prepareQueues, queueSettings } from "@onsale/queue/backend";
import type { Pool } from "pg";
import { startPostgres } from "../../support/database/servers/postgres-server.ts";
import { parentOf } from "./process-figures.ts";

const templateName = "bench_template";
const oldOrdersName = "bench_old_orders";
const leanTablesFile = join(import.meta.dirname, "..", "contestants", "lean-tables.sql");
const statementTimeoutMs = 10 * 60_000;
const durabilitySettings = ["fsync", "synchronous_commit", "full_page_writes"] as const;
/** Each chunk is one statement, so that progress can be shown. */
const oldOrderChunks = 10;

/** The server may lose committed orders, so its figures would be meaningless. */
export class NotDurableError extends Error {
  override readonly name = "NotDurableError";
}

export type DatabaseKind = "empty" | "old-orders";
export type BenchDatabase = Readonly<{ url: string; pool: Pool; drop: () => Promise<void> }>;

export type DatabaseServer = Readonly<{
  version: string;
  /** The server's durability settings. */
  durability: Readonly<Record<string, string>>;
  /** The server process; undefined where there is no /proc. */
  pid: number | undefined;
  /** Creates a migrated database, empty or with many decided orders. */
  createDatabase: (kind: DatabaseKind) => Promise<BenchDatabase>;
  /** Creates the template of databases with old orders. It takes a minute or two, and is not part of any run. */
  makeOldOrders: (tell: (what: string) => void) => Promise<void>;
  stop: () => Promise<void>;
}>;

/**
 * @param oldOrderCount decided orders in databases of that kind
 * @throws NotDurableError
 */
export async function startDatabaseServer(folder: string, oldOrderCount: number): Promise<DatabaseServer> {
  const { url, stop } = await startPostgres(folder);
  const admin = openPool(url, 2);
  let databaseCount = 0;
  try {
    const durability = await readDurability(admin);
    const { rows } = await admin.query("SELECT pg_backend_pid() AS pid, current_setting('server_version') AS version");
    await makeTemplate(admin, url);
    return {
      version: String(rows[0].version),
      durability,
      pid: parentOf(Number(rows[0].pid)),
      createDatabase: async (kind) => {
        const name = `bench_${++databaseCount}`;
        const template = kind === "empty" ? templateName : oldOrdersName;
        await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
        const ownUrl = urlOf(url, name);
        const pool = openPool(ownUrl, 4);
        const drop = async () => {
          await pool.end();
          await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        };
        return { url: ownUrl, pool, drop };
      },
      makeOldOrders: (tell) => makeOldOrders(admin, url, oldOrderCount, tell),
      stop: async () => {
        await admin.end();
        await stop();
      },
    };
  } catch (error) {
    await admin.end();
    await stop();
    throw error;
  }
}

function openPool(url: string, connectionCountMax: number): Pool {
  return createPool({ url, connectionCountMax, applicationName: "onsale-bench", statementTimeoutMs });
}

function urlOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** @throws NotDurableError when a crash of the machine could lose an accepted order */
async function readDurability(pool: Pool): Promise<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const name of durabilitySettings) {
    const { rows } = await pool.query(`SELECT current_setting($1) AS value`, [name]);
    settings[name] = String(rows[0].value);
  }
  checkDurability(settings);
  return settings;
}

/** @throws NotDurableError */
export function checkDurability(settings: Readonly<Record<string, string>>): void {
  for (const name of durabilitySettings) {
    if (settings[name] === "on") continue;
    throw new NotDurableError(`PostgreSQL's ${name} is ${settings[name]}, and figures count only when it is on`);
  }
}

async function makeTemplate(admin: Pool, server: string): Promise<void> {
  await admin.query(`CREATE DATABASE ${templateName}`);
  const url = urlOf(server, templateName);
  await migrate(url);
  const queuePool = createPool({
    url,
    connectionCountMax: 2,
    applicationName: "onsale-bench",
    settings: queueSettings,
  });
  await prepareQueues({ kind: "postgres", pool: queuePool });
  await queuePool.end();
  const pool = openPool(url, 1);
  await pool.query(readFileSync(leanTablesFile, "utf8"));
  await pool.end();
}

/** Inserts decided orders of 1,000 past events, with random keys like those of clients. */
async function makeOldOrders(admin: Pool, server: string, count: number, tell: (what: string) => void): Promise<void> {
  await admin.query(`CREATE DATABASE ${oldOrdersName} TEMPLATE ${templateName}`);
  const pool = openPool(urlOf(server, oldOrdersName), 1);
  await pool.query(`
    INSERT INTO events (account_id, code, name, start_time, end_time)
    SELECT 1, 'OLD-' || n, 'A past show', now(), now() + interval '1 hour' FROM generate_series(1, 1000) n`);
  const perChunk = Math.ceil(count / oldOrderChunks);
  for (let chunk = 0; chunk < oldOrderChunks; chunk++) {
    tell(`making ${count.toLocaleString("en")} old orders: ${chunk * 10} %`);
    await pool.query(
      `INSERT INTO orders (id, account_id, event_id, quantity, version, status, strategy, created_at, decided_at,
                           ticket_type, fingerprint, idempotency_key)
       SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
                || substr(md5(n::text), 5, 15))::uuid, 1, 1 + n % 1000, 1, 2, 'CONFIRMED', 'optimistic',
              now() - interval '90 days', now() - interval '90 days', 'STANDARD',
              sha256(int8send(n)), md5(n::text)::uuid::text
       FROM generate_series($1::bigint, $2::bigint) n`,
      [chunk * perChunk + 1, Math.min(count, (chunk + 1) * perChunk)],
    );
  }
  // Workers would have left the same positions.
  await pool.query(`
    UPDATE buckets SET decided_seq = coalesce((SELECT max(seq) FROM orders WHERE event_id & 63 = buckets.bucket), 0)`);
  tell("vacuuming the old orders");
  await pool.query("VACUUM (FREEZE, ANALYZE) orders");
  await pool.query("CHECKPOINT");
  await pool.end();
}
