import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { createListener } from "@onsale/database/listen";
import { findFreePort } from "@onsale/standalone/free-port";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { untilTrue } from "../../support/until.ts";

let listenerCount = 0;

/** A listener on the channels "one" and "two", and everything that it told. */
function listen(url: string, end?: "closed by the test") {
  const applicationName = `listener ${listenerCount++}`;
  const heard: string[] = [];
  const lost: Error[] = [];
  const counts = { listening: 0 };
  const listener = createListener({
    ...{ url, applicationName },
    handlers: { one: (payload) => heard.push(`one: ${payload}`), two: (payload) => heard.push(`two: ${payload}`) },
    onListening: () => counts.listening++,
    onLost: (error) => lost.push(error),
  });
  if (end === undefined) atEnd(listener.close);
  return { ...listener, applicationName, heard, lost, counts };
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
    const { heard, counts, lost, ...listener } = listen(url);
    await untilTrue("it listens", listener.isListening);
    await notify("one", "a");
    await notify("other", "b");
    await notify("two", "");
    await notify("one", "c");
    await untilTrue("the last one is here", () => heard.includes("one: c"));
    assert.deepEqual(heard, ["one: a", "two: ", "one: c"]);
    assert.deepEqual([counts.listening, lost], [1, []]);
  });

  it("does not hear what is rolled back", async () => {
    const { heard, isListening } = listen(url);
    await untilTrue("it listens", isListening);
    const tx = await db.startTransaction().execute();
    await sql`SELECT pg_notify('one', 'rolled back')`.execute(tx);
    await tx.rollback().execute();
    await notify("one", "committed");
    await untilTrue("a notification is here", () => heard.length > 0);
    assert.deepEqual(heard, ["one: committed"]);
  });

  it("listens again after its connection was lost, every time, and says so", async () => {
    const { heard, lost, counts, isListening, applicationName } = listen(url);
    for (const round of [1, 2, 3]) {
      await untilTrue("it listens", () => isListening() && counts.listening === round);
      await notify("one", `round ${round}`);
      await untilTrue("the notification is here", () => heard.at(-1) === `one: round ${round}`);
      assert.equal(lost.length > 0, round > 1);
      await terminate(applicationName);
    }
    await untilTrue("it listens again", () => counts.listening === 4);
    assert.equal(await countConnections(applicationName), 1);
  });

  it("listens again when its connection goes mute", async () => {
    const proxy = await startProxy(url);
    const { heard, counts, isListening } = listen(proxy.url);
    await untilTrue("it listens", isListening);
    proxy.muteConnections();
    await untilTrue("it listens over another connection", () => counts.listening === 2, 30_000);
    await notify("one", "heard again");
    await untilTrue("the notification is here", () => heard.includes("one: heard again"));
  });

  it("ends its connection when it is closed, and is quiet from then on", async () => {
    const { lost, counts, isListening, close, applicationName } = listen(url);
    await untilTrue("it listens", isListening);
    await close();
    assert.equal(isListening(), false);
    await untilTrue("its connection is gone", async () => (await countConnections(applicationName)) === 0);
    assert.deepEqual([counts.listening, lost], [1, []]);
    await close();
  });

  it("can be closed before it listens", async () => {
    const { lost, isListening, close, applicationName } = listen(url, "closed by the test");
    let isClosed = false;
    void close().then(() => {
      isClosed = true;
    });
    await untilTrue("it is closed", () => isClosed, 5_000);
    assert.equal(isListening(), false);
    await untilTrue("its connection is gone", async () => (await countConnections(applicationName)) === 0);
    assert.deepEqual(lost, []);
  });

  it("keeps trying while nobody answers, and can be closed meanwhile", async () => {
    const nobody = new URL(url);
    nobody.port = String(await findFreePort());
    const { lost, counts, close } = listen(nobody.href);
    await untilTrue("it has tried several times", () => lost.length >= 3);
    assert.equal(counts.listening, 0);
    await close();
  });
});
