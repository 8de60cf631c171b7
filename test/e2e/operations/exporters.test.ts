// The role that reads PostgreSQL's statistics, and the exporters that Debian has. Its postgres_exporter is older than
// that of docker-compose.yml and serves fewer metrics.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { cleanEnvironment } from "../../support/config.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { exporterMetrics, startExporter } from "../../support/external/exporters.ts";
import { without } from "../../support/external/programs.ts";
import { startRedis } from "../../support/external/redis.ts";
import { parseExposition } from "../../support/http/exposition.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { projectFolder } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const password = "of-the-monitor";

/** Runs monitor-role.sql as the container of PostgreSQL does. */
function makeRole(databaseUrl: string, given: string): void {
  const file = join(projectFolder, "infra", "docker", "monitor-role.sql");
  const env = { ...cleanEnvironment(), MONITOR_PASSWORD: given };
  execFileSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, databaseUrl], { env, stdio: "pipe" });
}

const read = async (url: string) => parseExposition(await (await fetch(url)).text());

describe("the role monitor", { skip: without("psql", "postgresql-client") }, () => {
  let databaseUrl: string;
  let monitorUrl: string;

  before(async () => {
    databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl, 1);
    // It is run again with another password, as after a change of .env.
    makeRole(databaseUrl, 'it\'s "another"');
    makeRole(databaseUrl, password);
    atEnd(async () => void (await sql`DROP ROLE monitor`.execute(db)));
    const url = new URL(databaseUrl);
    url.username = "monitor";
    url.password = password;
    monitorUrl = url.href;
  });

  it("is a member of pg_monitor and of nothing else", async () => {
    const db = connect(databaseUrl, 1);
    const roles = await sql<{ name: string }>`
      SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = 'monitor'::regrole`.execute(db);
    assert.deepEqual(roles.rows, [{ name: "pg_monitor" }]);
    const attributes = await sql`
      SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit
        FROM pg_roles WHERE rolname = 'monitor'`.execute(db);
    const none = { rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false };
    assert.deepEqual(attributes.rows, [{ ...none, rolbypassrls: false, rolconnlimit: 5 }]);
  });

  it("reads no table of Onsale, and writes nothing", async () => {
    const db = connect(monitorUrl, 1);
    for (const table of ["orders", "api_keys", "webhook_endpoints"]) {
      await assert.rejects(sql`SELECT FROM ${sql.table(table)}`.execute(db), /permission denied/, table);
    }
    await assert.rejects(sql`CREATE TABLE mine ()`.execute(db), /read-only transaction|permission denied/);
  });

  const withoutExporter = without("prometheus-postgres-exporter");
  it("lets the exporter see other sessions' transactions", { skip: withoutExporter }, async () => {
    const { host, pathname } = new URL(databaseUrl);
    const url = await startExporter("prometheus-postgres-exporter", {
      DATA_SOURCE_URI: `${host}${pathname}?sslmode=disable`,
      DATA_SOURCE_USER: "monitor",
      DATA_SOURCE_PASS: password,
    });
    const datname = pathname.slice(1);
    await connect(databaseUrl, 1)
      .transaction()
      .execute(async (transaction) => {
        await sql`SELECT`.execute(transaction);
        await untilTrue("the open transaction is seen", async () => {
          const { series } = await read(url);
          return series.some(
            ({ name, labels, value }) =>
              name === "pg_stat_activity_max_tx_duration" &&
              labels.datname === datname &&
              labels.state === "idle in transaction" &&
              value > 0,
          );
        });
      });
    const { types } = await read(url);
    const served = ["pg_up", "pg_settings_max_connections", "pg_settings_max_wal_size_bytes"];
    for (const name of [...served, "pg_stat_database_numbackends", "pg_stat_activity_count"]) {
      assert(types.has(name) && name in exporterMetrics, name);
    }
  });
});

describe("redis_exporter", { skip: withoutRedisServer || without("prometheus-redis-exporter") }, () => {
  it("serves every metric that the alerts read", async () => {
    const redis = await startRedis("--maxmemory", "100mb");
    const { series } = await read(await startExporter("prometheus-redis-exporter", { REDIS_ADDR: redis.url }));
    const values = new Map(series.map(({ name, value }) => [name, value]));
    for (const name of Object.keys(exporterMetrics)) {
      if (name.startsWith("redis_")) assert(values.has(name), name);
    }
    assert.deepEqual([values.get("redis_up"), values.get("redis_memory_max_bytes")], [1, 104_857_600]);
  });
});
