import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { lostSession } from "@onsale/database/connection/lost-session";
import { ProcessSessions } from "@onsale/database/connection/process-sessions";
import { createSharedLocks } from "@onsale/database/shared-locks";
import { isWithoutPosts, postsLock } from "@onsale/database/statements/webhooks/posts-lock";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { untilTrue } from "../../support/until.ts";

describe("shared locks", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  function createLocks() {
    const lost: Error[] = [];
    const sessions = new ProcessSessions();
    const onLost = (error: Error) => lost.push(error);
    const locks = createSharedLocks({ url, applicationName: "test-locks", sessions, onLost, heartbeatMs: 50 });
    atEnd(locks.close);
    return { ...locks, lost, sessions };
  }

  it("are held by several sessions, and free when the last one has given its lock back", async () => {
    const [a, b] = [createLocks(), createLocks()];
    const id = randomUUID();
    const lock = postsLock(id);
    assert.equal(await isWithoutPosts(db, id), true);
    assert.deepEqual(await Promise.all([a.take(lock), b.take(lock)]), [true, true]);
    assert.equal(await isWithoutPosts(db, randomUUID()), true);
    await a.giveBack(lock);
    assert.equal(await isWithoutPosts(db, id), false);
    await b.giveBack(lock);
    assert.equal(await isWithoutPosts(db, id), true);
  });

  it("are not had while another session has the lock exclusively", async () => {
    const { take } = createLocks();
    const id = randomUUID();
    const { tx, rollback } = await openTransaction(db);
    assert.equal(await isWithoutPosts(tx, id), true);
    assert.equal(await take(postsLock(id)), false);
    await rollback();
    assert.equal(await take(postsLock(id)), true);
  });

  it("are lost with their session, which is told, and can be taken again", async () => {
    const { take, lost } = createLocks();
    const id = randomUUID();
    await take(postsLock(id));
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'test-locks'`.execute(db);
    await untilTrue("the loss is reported", () => lost.length === 1);
    // The server tells the client before it frees the session's locks.
    await untilTrue("the lock is free", () => isWithoutPosts(db, id));
    assert.equal(await take(postsLock(id)), true);
    assert.equal(await isWithoutPosts(db, id), false);
    assert.equal(lost.length, 1);
  });

  const readSessions = async () => {
    const { rows } = await sql<{ pid: number }>`
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'test-locks'`.execute(db);
    return rows.map(({ pid }) => pid);
  };

  it("are lost when the process replaces its sessions, as after a failover, and taken in another session", async () => {
    const { take, lost, sessions } = createLocks();
    const id = randomUUID();
    await take(postsLock(id));
    const [before] = await readSessions();
    sessions.replace();
    assert.equal(lost.length, 1);
    await untilTrue("the session is ended", async () => (await readSessions()).length === 0);
    assert.equal(await take(postsLock(id)), true);
    assert.notEqual((await readSessions())[0], before);
    assert.equal(lost.length, 1);
  });

  it("are not taken in a session that is lost while it is opened", async () => {
    const { take, lost, sessions } = createLocks();
    const id = randomUUID();
    const before = await readSessions();
    const taking = take(postsLock(id));
    sessions.replace();
    await assert.rejects(taking, { message: lostSession.locksEnded });
    assert.equal(lost.length, 1);
    await untilTrue("its session is ended", async () => (await readSessions()).length === before.length);
    assert.equal(await isWithoutPosts(db, id), true);
    assert.equal(await take(postsLock(id)), true);
  });

  it("are lost when their session is read-only, as that to an old primary is", async () => {
    const { take, lost } = createLocks();
    await sql`ALTER DATABASE ${sql.ref(new URL(url).pathname.slice(1))} SET default_transaction_read_only = on`.execute(
      db,
    );
    const id = randomUUID();
    assert.equal(await take(postsLock(id)), true);
    await untilTrue("the loss is reported", () => lost.length === 1);
  });
});
