import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { createSharedLocks } from "@onsale/database/shared-locks";
import { changeWebhook } from "@onsale/database/statements/webhooks/change-webhook";
import { postsLock } from "@onsale/database/statements/webhooks/posts-lock";
import { createPostsStopped } from "@onsale/service/stop-posts";
import type { KyselyPlugin } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount } from "../../support/database/factories.ts";
import { untilTrue } from "../../support/until.ts";
import { createEndpoint, readEndpoint } from "../../support/webhooks/webhook-factories.ts";

/** Counts the raw statements that run at the same time: here, those that ask whether an endpoint has posts. */
function createRawCounter() {
  let sent = 0;
  let running = 0;
  let runningMax = 0;
  const isRaw = new WeakSet<object>();
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      if (node.kind !== "RawNode") return node;
      isRaw.add(queryId);
      sent++;
      running++;
      runningMax = Math.max(runningMax, running);
      return node;
    },
    transformResult: async ({ result, queryId }) => {
      if (isRaw.has(queryId)) running--;
      return result;
    },
  };
  return { plugin, sentCount: () => sent, runningMax: () => runningMax };
}

/** Disables endpoints as a gateway does. */
function createDisabling(db: Db) {
  const untilPostsStopped = createPostsStopped(db);
  return async (accountId: number, id: string) => {
    await changeWebhook(db, accountId, id, { enabled: false });
    await untilPostsStopped(id);
  };
}

describe("requests that disable an endpoint which is being posted to", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  it("wait until the posts have stopped, and all that wait for it share their queries", async () => {
    const accountId = await createAccount(db);
    const id = await createEndpoint(db, { accountId });
    const locks = createSharedLocks({ url, applicationName: "test-notifier", onLost: assert.fail });
    atEnd(locks.close);
    await locks.take(postsLock(id));
    const { plugin, sentCount, runningMax } = createRawCounter();
    const disable = createDisabling(db.withPlugin(plugin));
    let endedCount = 0;
    const changing = Array.from({ length: 20 }, () => disable(accountId, id).then(() => endedCount++));
    await untilTrue("they have asked several times", () => sentCount() >= 4);
    assert.equal(endedCount, 0);
    await locks.giveBack(postsLock(id));
    await Promise.all(changing);
    assert.equal(runningMax(), 1);
    assert.notEqual((await readEndpoint(db, id)).disabled_at, null);
  });

  it("of another endpoint do not wait", async () => {
    const accountId = await createAccount(db);
    const [busy, quiet] = [await createEndpoint(db, { accountId }), await createEndpoint(db, { accountId })];
    const locks = createSharedLocks({ url, applicationName: "test-notifier", onLost: assert.fail });
    atEnd(locks.close);
    await locks.take(postsLock(busy));
    const disable = createDisabling(db);
    const changing = disable(accountId, busy);
    await disable(accountId, quiet);
    await locks.giveBack(postsLock(busy));
    await changing;
  });
});
