import { strict as assert } from "node:assert";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { before, describe, it } from "node:test";
import { createListener } from "@onsale/database/announcements/listen";
import { createConnection, createDatabase, createPool, type Db } from "@onsale/database/client";
import { ProcessSessions } from "@onsale/database/connection/process-sessions";
import { classify } from "@onsale/database/errors";
import { migrate } from "@onsale/database/migrate";
import { createSharedLocks } from "@onsale/database/shared-locks";
import { prepareQueues, queueSettings } from "@onsale/queue/backend";
import { sql } from "kysely";
import { atEnd, endWithSuite } from "../../support/cleanup.ts";
import {
  type ReplicatedPostgres,
  startReplicatedPostgres,
  withHosts,
} from "../../support/database/servers/replicated-postgres.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { until, untilTrue } from "../../support/until.ts";

const applicationName = "onsale-test";

function open(url: string, sessions = new ProcessSessions()): Db {
  const db = createDatabase({ url, connectionCountMax: 2, applicationName, sessions });
  atEnd(() => db.destroy());
  return db;
}

/** The port of the server that a session leads to. */
const serverPort = sql<{ port: number }>`SELECT inet_server_port() AS port, pg_is_in_recovery() AS standby`;
const portOf = async (db: Db) => (await serverPort.execute(db)).rows[0]?.port;
const portIn = (url: string) => Number(new URL(url).port);

/** A host that accepts connections and says nothing, as one whose machine hangs. */
async function startSilentHost(url: string): Promise<string> {
  const server = createServer(() => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close());
  const { port }: Pick<AddressInfo, "port"> = Object(server.address());
  return Object.assign(new URL(url), { port: String(port) }).href;
}

/** A message of PostgreSQL's protocol. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.from(`${type}    `, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** A host that accepts logins, and dies in the moment in which it has done so; after some of them it is gone. */
async function startDyingHost(url: string, loginCount: number): Promise<string> {
  const fields = ["SFATAL", "VFATAL", "C57P01", "Mterminating connection due to unexpected postmaster exit", ""];
  const dies = Buffer.concat([
    message("R", Buffer.alloc(4)),
    message("Z", Buffer.from("I")),
    message("E", Buffer.from(fields.map((field) => `${field}\0`).join(""))),
  ]);
  let count = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (++count > loginCount) socket.destroy();
    else socket.once("data", () => socket.end(dies));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close());
  const { port }: Pick<AddressInfo, "port"> = Object(server.address());
  return Object.assign(new URL(url), { port: String(port) }).href;
}

describe("a DATABASE_URL with several hosts", () => {
  endWithSuite();
  let servers: ReplicatedPostgres;
  let urls: readonly string[];

  before(async () => {
    servers = await startReplicatedPostgres();
    const { primary, standby } = servers;
    urls = [servers.hostsUrl, withHosts(primary.url, [primary.url, standby.url])];
  });

  it("leads every pool, connection and migration to the one that takes writes, wherever it stands", async () => {
    for (const url of urls) {
      const port = portIn(servers.primary.url);
      assert.equal(await portOf(open(url)), port);
      const pool = createPool({ url, connectionCountMax: 2, applicationName, settings: queueSettings });
      atEnd(() => pool.end());
      await prepareQueues({ kind: "postgres", pool });
      const { rows } = await pool.query("SELECT inet_server_port() AS port");
      assert.deepEqual(rows, [{ port }]);
      const { client, connect } = createConnection({ url, applicationName });
      await connect();
      atEnd(() => client.end());
      assert.deepEqual((await client.query("SELECT inet_server_port() AS port")).rows, [{ port }]);
      await migrate(url);
      const locks = createSharedLocks({ url, applicationName, onLost: () => undefined });
      atEnd(locks.close);
      assert(await locks.take({ lockClass: 1, lockNumber: 1 }));
    }
  });

  it("goes on when one of them accepts connections and says nothing", async () => {
    const silent = await startSilentHost(servers.primary.url);
    const db = open(withHosts(servers.primary.url, [silent, servers.primary.url]));
    assert.equal(await portOf(db), portIn(servers.primary.url));
  });

  it("survives one that dies in the moment of a login", async () => {
    // The one that asks for the primary, and the pool's.
    const dying = await startDyingHost(servers.primary.url, 2);
    const db = open(withHosts(servers.primary.url, [dying, servers.primary.url]));
    const port = () => portOf(db).catch(() => undefined);
    assert.equal(await until("the other host is found", port), portIn(servers.primary.url));
  });

  it("asks for the primary once for all connections that are opened at the same time", async () => {
    const pool = createPool({ url: servers.hostsUrl, connectionCountMax: 10, applicationName: "onsale-many" });
    atEnd(() => pool.end());
    const clients = await Promise.all(Array.from({ length: 10 }, () => pool.connect()));
    for (const client of clients) client.release();
    const observer = open(servers.primary.url);
    const count = sql<{ backends: number }>`
      SELECT count(*)::int AS backends FROM pg_stat_activity WHERE application_name = 'onsale-many'`;
    // The one that asked ends by itself.
    await untilTrue("only the pool's are left", async () => (await count.execute(observer)).rows[0]?.backends === 10);
  });

  it("says of each host why it cannot be used, and shows no password", async () => {
    const { password } = new URL(servers.primary.url);
    const silent = await startSilentHost(servers.primary.url);
    const nobody = "postgres://127.0.0.1:1";
    const url = withHosts(servers.primary.url, [servers.standby.url, silent, nobody]);
    const error = await portOf(open(url)).catch((reason: unknown) => reason);
    assert(error instanceof Error);
    assert.equal(
      error.message,
      `no server takes writes: 127.0.0.1:${portIn(servers.standby.url)} is a standby, ` +
        `127.0.0.1:${portIn(silent)} does not answer in time, 127.0.0.1:1 refuses connections`,
    );
    assert.equal(classify(error), "unavailable");
    assert.doesNotMatch(JSON.stringify(error) + error.stack, new RegExp(password));
  });

  it("reports a refused login as the server's answer", async () => {
    const url = Object.assign(new URL(servers.primary.url), { password: "wrong" }).href;
    const both = withHosts(url, [servers.standby.url, servers.primary.url]);
    const error = await portOf(open(both)).catch((reason: unknown) => reason);
    assert(error instanceof Error && "code" in error);
    assert.equal(error.code, "28P01");
    assert.match(error.message, /password authentication failed/);
    assert.doesNotMatch(error.message, /wrong/);
  });

  it("uses no session that waits in a pool to a machine that is gone, once the primary is found elsewhere", async () => {
    const first = await startProxy(servers.primary.url);
    const second = await startProxy(servers.primary.url);
    second.swallow(true);
    const sessions = new ProcessSessions();
    const url = withHosts(servers.primary.url, [first.url, second.url]);
    const waiting = createDatabase({ url, connectionCountMax: 3, applicationName, sessions });
    atEnd(() => waiting.destroy());
    const ask = () => Promise.all(Array.from({ length: 3 }, () => sql`SELECT pg_sleep(0.05)`.execute(waiting)));
    await ask();

    assert(first.muteConnections() >= 3);
    first.swallow(true);
    second.swallow(false);
    // The address of the first one is known, and it takes connections: the pool connects once more by itself.
    await portOf(open(url, sessions));
    await ask();
  });

  // The last one: afterwards the standby is the primary.
  it("follows a failover: statements, and those who listen", async () => {
    const sessions = new ProcessSessions();
    const db = open(servers.hostsUrl, sessions);
    const heard: string[] = [];
    const listener = createListener({
      url: servers.hostsUrl,
      applicationName,
      sessions,
      handlers: { news: (payload) => heard.push(payload) },
      onListening: () => undefined,
      onLost: () => undefined,
    });
    atEnd(listener.close);
    await untilTrue("it listens", listener.isListening);
    await sql`CREATE TABLE written (at timestamptz DEFAULT now())`.execute(db);
    const write = sql<{ port: number }>`INSERT INTO written DEFAULT VALUES RETURNING inet_server_port() AS port`;
    const writtenAt = async () => (await write.execute(db)).rows[0]?.port;
    assert.equal(await writtenAt(), portIn(servers.primary.url));

    await servers.demote();
    const refused = await writtenAt().catch((reason: unknown) => reason);
    assert.equal(classify(refused), "unavailable");
    await servers.promote();
    const next = await until("it is written to the other server", () => writtenAt().catch(() => undefined));
    assert.equal(next, portIn(servers.standby.url));
    const isHeard = async () => {
      await sql`SELECT pg_notify('news', 'after')`.execute(db);
      return heard.includes("after");
    };
    await untilTrue("notifications of the other server are heard", isHeard);
  });
});
