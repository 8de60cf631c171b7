import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { prepareQueues } from "@onsale/queue/backend";
import pg from "pg";
import { atEnd, endWithSuite } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { alterDatabase } from "../../support/database/odd-database.ts";
import {
  startRedis,
  startRedisCluster,
  startRedisReplica,
  type TestRedisCluster,
} from "../../support/external/redis.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { createCli } from "../../support/services/program.ts";
import { openQueue, queueSourceOf, restrict } from "../../support/services/queue-source.ts";
import { type Environment, type Service, startGateway } from "../../support/services/services.ts";
import { newDataDir } from "../../support/services/standalone.ts";
import { until } from "../../support/until.ts";

type Finding = Readonly<{ check: string; outcome: string; detail: string; advice?: string }>;

/** Runs the doctor, and returns its exit code and findings. */
async function examine(environment: Environment, ...options: string[]) {
  const cli = createCli({ DATA_DIR: newDataDir(), ...environment });
  const { code, stdout, stderr } = await cli.run("doctor", ...options, "--json");
  assert.equal(stderr, "");
  const findings: Finding[] = JSON.parse(stdout);
  const outcome = (check: string) => findings.filter((finding) => finding.check === check).map((one) => one.outcome);
  const detail = (check: string) => findings.find((finding) => finding.check === check)?.detail ?? "";
  for (const { outcome: how, advice } of findings) assert.equal(advice === undefined, how === "ok");
  return { code, findings, outcome, detail, stdout };
}

let DATABASE_URL: string;

before(async () => {
  DATABASE_URL = await createTestDatabase();
});

describe("onsale doctor", () => {
  endWithSuite();
  let openGateway: Service;
  let guardedGateway: Service;

  before(async () => {
    const settings = { DATABASE_URL };
    [openGateway, guardedGateway] = await Promise.all([
      startGateway(settings),
      startGateway({ ...settings, AUTH: "keys" }),
    ]);
  });

  it("finds nothing wrong with a good system", async () => {
    const environment = { DATABASE_URL, ONSALE_URL: openGateway.url, PARTITIONS: "2" };
    const { code, findings, stdout } = await examine(environment);
    const checks = findings.map(({ check }) => check);
    const inOrder = [
      "configuration",
      "database",
      "migrations",
      "durability",
      "standbys",
      "memory",
      "snapshots",
      "settings",
      "collation",
      "jit",
      "connections",
      "clock",
      "proxies",
      "holds",
      "redis",
      "queues",
      "gateway",
      "access",
    ];
    assert.deepEqual(checks, inOrder);
    assert(
      findings.every(({ outcome }) => outcome === "ok"),
      stdout,
    );
    assert.equal(code, 0);
  });

  it("warns about a gateway that gets X-Forwarded-For from an address that it does not trust", async () => {
    const databaseUrl = await createTestDatabase();
    const { url } = await startGateway({ DATABASE_URL: databaseUrl });
    await fetch(`${url}/livez`, { headers: { "x-forwarded-for": "203.0.113.7" } });
    const found = await until("the gateway has reported it", async () => {
      const { findings, code } = await examine({ DATABASE_URL: databaseUrl });
      const finding = findings.find(({ check }) => check === "proxies");
      return finding?.outcome === "warning" ? { ...finding, code } : undefined;
    });
    assert.match(found.detail, /^1 connection to the gateway on .* sent X-Forwarded-For, which was ignored$/);
    assert.match(found.advice ?? "", /TRUST_PROXY/);
    assert.equal(found.code, 0);
  });

  it("fails on a database without migrations", async () => {
    const { code, outcome, detail } = await examine({ DATABASE_URL: await createTestDatabase("empty") });
    assert.deepEqual([code, outcome("database"), outcome("migrations")], [1, ["ok"], ["failed"]]);
    assert.match(detail("migrations"), /^not applied: 0001_catalog, /);
  });

  it("fails on a dead database, and shows no password", async () => {
    const environment = { DATABASE_URL: "postgres://onsale:hunter2@127.0.0.1:1/onsale" };
    const { code, outcome, detail, stdout } = await examine(environment);
    assert.deepEqual([code, outcome("database"), outcome("migrations")], [1, ["failed"], []]);
    assert.match(detail("database"), /^127\.0\.0\.1:1\/onsale cannot be used: nothing answers/);
    assert.doesNotMatch(stdout, /hunter2/);
  });

  it("fails without any database", async () => {
    const { code, outcome } = await examine({});
    assert.deepEqual([code, outcome("database")], [1, ["failed"]]);
  });

  it("finds commits durable although the database's default would lose them: sessions are pinned", async () => {
    const unsafeUrl = await createTestDatabase();
    await alterDatabase(unsafeUrl, { synchronous_commit: "off" });
    const { outcome } = await examine({ DATABASE_URL: unsafeUrl });
    assert.deepEqual(outcome("durability"), ["ok"]);
  });

  it("fails while a queue is paused, limited or blocked, and says which and how", async () => {
    const url = await createTestDatabase();
    const source = queueSourceOf({ DATABASE_URL: url });
    await prepareQueues(source);
    const settings = { DATABASE_URL: url, PARTITIONS: "2" };
    const { outcome } = await examine(settings);
    assert.deepEqual(outcome("queues"), ["ok"]);
    await restrict.paused(await openQueue(source, "deliver"));
    await restrict["rate-limit"](await openQueue(source, "allocate-1"));
    const restricted = await examine(settings);
    assert.deepEqual([restricted.code, restricted.outcome("queues")], [1, ["failed"]]);
    const expected = "workers may not take every job of allocate-1 (at most 1 job per 10 s), deliver (paused)";
    assert.equal(restricted.detail("queues"), expected);
  });

  it("fails when the processes may open more connections than there are", async () => {
    const [few, many] = await Promise.all([
      examine({ DATABASE_URL, GATEWAYS: "2" }),
      examine({ DATABASE_URL, GATEWAYS: "2" }, "--gateways", "30", "--workers", "5"),
    ]);
    assert.deepEqual(few.outcome("connections"), ["ok"]);
    assert.match(few.detail("connections"), /^2 gateways, 1 worker, 1 notifier may open/);
    assert.deepEqual([many.code, many.outcome("connections")], [1, ["failed"]]);
    assert.match(many.detail("connections"), /^30 gateways, 5 workers, 1 notifier may open/);
  });

  it("counts processes that run beyond the configured number, and connections of other programs", async () => {
    const person = new pg.Client({ connectionString: DATABASE_URL, application_name: "psql" });
    await person.connect();
    atEnd(() => person.end());
    const examined = async () => {
      const detail = (await examine({ DATABASE_URL })).detail("connections");
      return detail.startsWith("2 gateways, 1 worker, 1 notifier may open ") ? detail : undefined;
    };
    const seen = await until("both gateways are counted", examined, 60_000);
    assert.match(seen, / are open, [1-9]\d* of them by other programs$/);
    const more = await examine({ DATABASE_URL }, "--gateways", "3");
    assert.match(more.detail("connections"), /^3 gateways, /);
  });

  it("fails on settings that no service could use, and names all of them", async () => {
    const settings = { PORT: "http", WAITERS_MAX: "-1", WEBHOOK_SECRET_KEY: "hunter2", HOST: "0.0.0.0", AUTH: "off" };
    const { code, findings, stdout } = await examine({ DATABASE_URL, ...settings });
    const faults = findings.filter(({ check }) => check === "configuration").map(({ detail }) => detail.split(" ")[0]);
    assert.deepEqual(new Set(faults), new Set(["PORT", "WAITERS_MAX", "WEBHOOK_SECRET_KEY", "HOST"]));
    assert.equal(code, 1);
    assert.doesNotMatch(stdout, /hunter2/);
  });

  it("fails on a gateway that is configured and does not run", async () => {
    const named = await examine({ ONSALE_URL: "http://127.0.0.1:1023" });
    assert.deepEqual([named.code, named.outcome("gateway")], [1, ["failed"]]);
  });

  it("fails on a key that the gateway refuses", async () => {
    const environment = { DATABASE_URL, ONSALE_URL: guardedGateway.url };
    const [refused, none] = await Promise.all([
      examine({ ...environment, ONSALE_API_KEY: "nonsense" }),
      examine(environment),
    ]);
    assert.deepEqual([refused.code, refused.outcome("access")], [1, ["failed"]]);
    assert.deepEqual([none.code, none.detail("access")], [1, "the gateway requires a key"]);
  });
});

describe("onsale doctor, about Redis", { skip: withoutRedisServer }, () => {
  endWithSuite();
  let cluster: TestRedisCluster;

  before(async () => {
    cluster = await startRedisCluster("--appendonly", "yes");
  });

  it("fails on one that may evict jobs, and warns about one that keeps nothing on disk", async () => {
    const { url } = await startRedis("--maxmemory-policy", "allkeys-lru");
    const { code, findings } = await examine({ DATABASE_URL, REDIS_URL: url });
    const redis = findings.filter(({ check }) => check === "redis");
    assert.deepEqual(
      redis.map(({ outcome }) => outcome),
      ["failed", "warning"],
    );
    assert.match(redis[0]?.detail ?? "", /maxmemory-policy is allkeys-lru$/);
    assert.equal(code, 1);
  });

  it("finds nothing wrong with one that evicts nothing and keeps a log", async () => {
    const redis = await startRedis("--maxmemory-policy", "noeviction", "--appendonly", "yes");
    const { code, outcome } = await examine({ DATABASE_URL, REDIS_URL: redis.url });
    assert.deepEqual([code, outcome("redis"), outcome("queues")], [0, ["ok"], ["ok"]]);
    await restrict.concurrency(await openQueue(queueSourceOf({ REDIS_URL: redis.url }), "deliver"));
    const limited = await examine({ DATABASE_URL, REDIS_URL: redis.url });
    assert.deepEqual([limited.code, limited.outcome("queues")], [1, ["failed"]]);
  });

  it("fails on one that does not run or has another password, and shows no password", async () => {
    const redis = await startRedis();
    await redis.command("CONFIG", "SET", "requirepass", "hunter2");
    const withPassword = (password: string) => redis.url.replace("redis://", `redis://:${password}@`);
    const REDIS_URL = `${withPassword("hunter3")},redis://:hunter2@127.0.0.1:1`;
    const [{ code, outcome, stdout }, right] = await Promise.all([
      examine({ DATABASE_URL, REDIS_URL }),
      examine({ REDIS_URL: withPassword("hunter2") }),
    ]);
    assert.deepEqual([code, outcome("redis")], [1, ["failed", "failed"]]);
    assert.doesNotMatch(stdout, /hunter/);
    assert.deepEqual(right.outcome("redis"), ["warning"]);
  });

  it("fails on a cluster that is named as one Redis, and on several that are no cluster", async () => {
    const good = ["--appendonly", "yes"];
    const apart = await Promise.all([startRedis(...good), startRedis(...good)]);
    const [one, several] = await Promise.all([
      examine({ REDIS_URL: cluster.nodes[0].url }),
      examine({ REDIS_URL: apart.map(({ url }) => url).join(",") }),
    ]);
    assert.deepEqual([one.outcome("redis"), several.outcome("redis")], [["failed"], ["failed", "failed"]]);
    assert.match(one.detail("redis"), /is a node of a Redis Cluster, and is named as a single Redis$/);
    assert.match(several.detail("redis"), /is no node of a Redis Cluster, and is named as one$/);
  });

  // The last one, because it gives the shared cluster a password.
  it("reaches a cluster's nodes as the services do, with the first node's password, and accepts replicas", async () => {
    const replica = await startRedisReplica(cluster, "--appendonly", "yes");
    const [first, second] = cluster.nodes;
    for (const node of [...cluster.nodes, replica]) {
      await node.command("CONFIG", "SET", "masterauth", "hunter2");
      await node.command("CONFIG", "SET", "requirepass", "hunter2");
    }
    const REDIS_URL = [first.url.replace("redis://", "redis://:hunter2@"), second.url, replica.url].join(",");
    const { outcome, stdout } = await examine({ DATABASE_URL, REDIS_URL });
    assert.deepEqual(outcome("redis"), ["ok", "ok", "ok"], stdout);
    assert.doesNotMatch(stdout, /hunter/);
  });
});
