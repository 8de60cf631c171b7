// Lost answers of real servers: what was asked for has happened, and the client cannot know it.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import pg from "pg";
import { atEnd } from "../cleanup.ts";
import { createTestDatabase } from "../database/database.ts";
import { startRedis } from "../external/redis.ts";
import { withoutRedisServer } from "../services/backends.ts";
import { createCallWatch } from "./call-watch.ts";
import { startLosingProxy } from "./losing-proxy.ts";
import { createPostgresTap } from "./postgres-tap.ts";
import { createRedisTap } from "./redis-tap.ts";

const insert = "INSERT INTO t SELECT $1::int";

async function startPostgresProxy() {
  const watch = createCallWatch();
  const { url } = await startLosingProxy(await createTestDatabase("empty"), () => createPostgresTap(watch));
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on("error", () => undefined);
  atEnd(() => pool.end());
  await pool.query("CREATE TABLE t (n int)");
  const insertOne = (client: Pick<pg.Pool, "query">) => client.query({ name: "insert", text: insert, values: [1] });
  const count = async () => (await pool.query("SELECT count(*)::int AS n FROM t")).rows[0]?.n;
  return { watch, pool, insertOne, count };
}

describe("a lost answer of PostgreSQL", () => {
  it("belongs to a statement that has taken effect", async () => {
    const { watch, pool, insertOne, count } = await startPostgresProxy();
    await insertOne(pool);
    const name = [...watch.takeSeen()].at(-1) ?? "";
    watch.loseNext(name);
    await assert.rejects(insertOne(pool));
    assert.equal(watch.lostCount(), 1);
    assert.equal(await count(), 2);
    await insertOne(pool);
    assert.equal(watch.lostCount(), 1, "an answer is lost once");
  });

  it("belongs to a commit of one kind of transaction, which is told from the others", async () => {
    const { watch, pool, insertOne, count } = await startPostgresProxy();
    const transact = async (statement: (client: pg.PoolClient) => Promise<unknown>) => {
      const client = await pool.connect();
      client.on("error", () => undefined);
      try {
        await client.query("begin");
        await statement(client);
        await client.query("commit");
      } finally {
        client.release(true);
      }
    };
    watch.loseNext("INSERT INTO t SELECT $?::int; commit");
    await transact((client) => client.query("SELECT 7"));
    assert.equal(watch.lostCount(), 0);
    await assert.rejects(transact(insertOne));
    assert.equal(watch.lostCount(), 1);
    assert.equal(await count(), 1);
  });
});

describe("a lost answer of Redis", { skip: withoutRedisServer }, () => {
  it("belongs to a command that has taken effect", async () => {
    const watch = createCallWatch();
    const server = await startRedis();
    const { url } = await startLosingProxy(server.url, () => createRedisTap(watch, new Map()));
    const { hostname, port } = new URL(url);
    watch.loseNext("INCR counter");
    const socket = connect(Number(port), hostname);
    atEnd(() => socket.destroy());
    socket.write("*2\r\n$4\r\nINCR\r\n$12\r\nsome:counter\r\n");
    await assert.rejects(once(socket, "data"), { code: "ECONNRESET" });
    assert.equal(watch.lostCount(), 1);
    assert.match(await server.command("GET", "some:counter"), /\r\n1\r\n/);
  });
});
