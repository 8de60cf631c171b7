import { strict as assert } from "node:assert";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { before, describe, it } from "node:test";
import { createListener, type ListenerOptions } from "@onsale/database/announcements/listen";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { alterDatabase } from "../../support/database/odd-database.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { untilTrue } from "../../support/until.ts";

let listenerCount = 0;

/** A listener on the channels "one" and "two", with what it received and reported. */
function listen(url: string, options: Partial<ListenerOptions> = {}, end?: "closed by the test") {
  const applicationName = `listener ${listenerCount++}`;
  const received: string[] = [];
  const lost: Error[] = [];
  const counts = { listening: 0 };
  const listener = createListener({
    url,
    applicationName,
    handlers: {
      one: (payload) => received.push(`one: ${payload}`),
      two: (payload) => received.push(`two: ${payload}`),
    },
    onListening: () => counts.listening++,
    onLost: (error) => lost.push(error),
    ...options,
  });
  if (end === undefined) atEnd(listener.close);
  return { ...listener, applicationName, received, lost, counts };
}

describe("listening for notifications", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  const notify = (channel: string, payload: string) => sql`SELECT pg_notify(${channel}, ${payload})`.execute(db);

  const countConnections = async (applicationName: string) => {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM pg_stat_activity WHERE application_name = ${applicationName}`.execute(db);
    return rows[0]?.count;
  };

  const terminate = (applicationName: string) =>
    sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ${applicationName}`.execute(db);

  it("gives each notification to its channel's handler, in the order of the commits", async () => {
    const { received, counts, lost, ...listener } = listen(url);
    await untilTrue("it listens", listener.isListening);
    await notify("one", "a");
    await notify("other", "b");
    await notify("two", "");
    await notify("one", "c");
    await untilTrue("the last one is here", () => received.includes("one: c"));
    assert.deepEqual(received, ["one: a", "two: ", "one: c"]);
    assert.deepEqual([counts.listening, lost], [1, []]);
  });

  it("receives nothing from a transaction that is rolled back", async () => {
    const { received, isListening } = listen(url);
    await untilTrue("it listens", isListening);
    const tx = await db.startTransaction().execute();
    await sql`SELECT pg_notify('one', 'rolled back')`.execute(tx);
    await tx.rollback().execute();
    await notify("one", "committed");
    await untilTrue("a notification is here", () => received.length > 0);
    assert.deepEqual(received, ["one: committed"]);
  });

  it("listens again after each loss of its connection, and reports losses", async () => {
    const { received, lost, counts, isListening, applicationName } = listen(url);
    for (const round of [1, 2, 3]) {
      await untilTrue("it listens", () => isListening() && counts.listening === round);
      await notify("one", `round ${round}`);
      await untilTrue("the notification is here", () => received.at(-1) === `one: round ${round}`);
      assert.equal(lost.length > 0, round > 1);
      await terminate(applicationName);
    }
    await untilTrue("it listens again", () => counts.listening === 4);
    assert.equal(await countConnections(applicationName), 1);
  });

  it("listens again when its connection no longer answers", async () => {
    const proxy = await startProxy(url);
    const { received, counts, isListening } = listen(proxy.url, { heartbeatMs: 50, statementTimeoutMs: 200 });
    await untilTrue("it listens", isListening);
    proxy.muteConnections();
    await untilTrue("it listens over another connection", () => counts.listening === 2);
    await notify("one", "sent later");
    await untilTrue("the notification is here", () => received.includes("one: sent later"));
  });

  it("listens again when its session is read-only, as after a failover", async () => {
    const demoted = await createTestDatabase();
    await alterDatabase(demoted, { default_transaction_read_only: "on" });
    const { counts, lost, isListening } = listen(demoted, { heartbeatMs: 50 });
    await untilTrue("it listens", isListening);
    await alterDatabase(demoted, { default_transaction_read_only: "off" });
    await untilTrue("it listens over another session", () => counts.listening >= 2);
    assert.match(String(lost[0]), /the session is replaced/);
  });

  it("ends its connection when it is closed, and reports nothing from then on", async () => {
    const { lost, counts, isListening, close, applicationName } = listen(url);
    await untilTrue("it listens", isListening);
    await close();
    assert.equal(isListening(), false);
    await untilTrue("its connection is gone", async () => (await countConnections(applicationName)) === 0);
    assert.deepEqual([counts.listening, lost], [1, []]);
    await close();
  });

  it("can be closed before it listens", async () => {
    const { lost, isListening, close, applicationName } = listen(url, {}, "closed by the test");
    let isClosed = false;
    void close().then(() => {
      isClosed = true;
    });
    await untilTrue("it is closed", () => isClosed, 5_000);
    assert.equal(isListening(), false);
    await untilTrue("its connection is gone", async () => (await countConnections(applicationName)) === 0);
    assert.deepEqual(lost, []);
  });

  it("keeps trying while no server answers, and can be closed meanwhile", async () => {
    let attemptCount = 0;
    const server = createServer((socket) => {
      attemptCount++;
      socket.destroy();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    atEnd(() => server.close());
    const silent = new URL(url);
    silent.port = String((server.address() as AddressInfo).port);
    const { lost, counts, close } = listen(silent.href);
    await untilTrue("it has tried several times", () => attemptCount >= 4);
    assert.deepEqual([counts.listening, lost.length > 0], [0, true]);
    await close();
  });
});
