import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { createApiKey } from "@onsale/database/statements/access/create-api-key";
import { listApiKeys } from "@onsale/database/statements/access/list-api-keys";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";
import { createApiKeys, isUsable } from "@onsale/gateway/access/api-keys";
import { ratePolicy } from "@onsale/gateway/access/rate-limits";
import { generateApiKey } from "@onsale/security/api-key";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { defaultAccountId, times } from "../../support/database/factories.ts";
import { countStatements } from "../../support/database/statements.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { untilTrue } from "../../support/until.ts";

const lookedUp = 'from "api_keys"';

describe("the keys that a gateway knows", () => {
  let db: Db;
  let databaseUrl: string;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
  });

  /** Keys on a clock that stands until it is set forward. */
  function arrange(on = db) {
    let nowMs = 1_000_000;
    const keys = createApiKeys(on, ratePolicy("key", 10, 1), () => nowMs);
    const pass = (ms: number) => {
      nowMs += ms;
    };
    return { keys, pass };
  }

  it("are looked up once, however many ask at a time and afterwards", async () => {
    const { key } = await createKey(db, { scopes: ["orders:read", "orders:write"] });
    const { keys } = arrange();
    const count = await countStatements(db);
    assert.equal(keys.known(key), undefined);
    const found = await Promise.all(times(50, key).map(keys.find));
    assert(found.every((known) => known !== undefined && isUsable(known)));
    assert.deepEqual(keys.known(key)?.scopes, new Set(["orders:read", "orders:write"]));
    assert.equal(keys.known(key)?.accountId, defaultAccountId);
    assert.equal((await count(lookedUp)).calls, 1);
    await keys.close();
  });

  it("are never taken for longer than 30 s after they were revoked, also when nobody can be asked", async () => {
    const own = connect(databaseUrl);
    const { id, key } = await createKey(db);
    const { keys, pass } = arrange(own);
    await keys.find(key);
    await keys.close();
    await own.destroy();
    await revokeApiKey(db, id);
    pass(11_000);
    const known = keys.known(key);
    assert(known !== undefined && isUsable(known));
    pass(19_000);
    assert.equal(keys.known(key), undefined);
    assert(keys.isMet(key));
    await assert.rejects(keys.find(key));
  });

  it("are looked up again while they are used, before their time is up and without waiting", async () => {
    const { id, key } = await createKey(db);
    const { keys, pass } = arrange();
    const bucket = (await keys.find(key))?.bucket;
    await revokeApiKey(db, id);
    pass(13_000);
    const known = keys.known(key);
    assert(known !== undefined && isUsable(known));
    await untilTrue("it is known that the key is revoked", () => {
      const now = keys.known(key);
      return now !== undefined && !isUsable(now);
    });
    assert.equal(keys.known(key)?.bucket, bucket);
    await keys.close();
  });

  it("that may not be used are remembered as such, and not looked up again before their time is up", async () => {
    const { id, key } = await createKey(db);
    await revokeApiKey(db, id);
    const { keys, pass } = arrange();
    await keys.find(key);
    assert(!keys.isMet(key));
    const count = await countStatements(db);
    pass(24_000);
    const known = keys.known(key);
    assert(known !== undefined && !isUsable(known));
    // Lookups take turns, so one that was begun before is over now.
    await keys.find(generateApiKey().key);
    assert.equal((await count(lookedUp)).rows, 0);
    pass(2_000);
    assert.equal(keys.known(key), undefined);
    assert(!keys.isMet(key));
    const found = await keys.find(key);
    assert(found !== undefined && !isUsable(found));
    assert.equal((await count(lookedUp)).rows, 1);
    await keys.close();
  });

  it("expire at their moment, however lately they were looked up", async () => {
    const expiresAt = new Date(Date.now() + 300);
    const { key } = await createKey(db, { expiresAt });
    const { keys } = arrange();
    const known = await keys.find(key);
    assert(known !== undefined);
    await untilTrue("the key expires", () => {
      const before = Date.now();
      const usable = isUsable(known);
      if (before >= expiresAt.getTime()) assert(!usable);
      if (Date.now() < expiresAt.getTime()) assert(usable);
      return !usable;
    });
    await keys.close();
  });

  it("are not those with the id of a key and another secret", async () => {
    const { id, key } = generateApiKey();
    const { hash } = generateApiKey();
    await createApiKey(db, {
      id,
      hash,
      accountId: defaultAccountId,
      name: "other",
      scopes: ["admin"],
      expiresAt: null,
    });
    const { keys } = arrange();
    assert.equal(await keys.find(key), undefined);
    assert(!keys.isMet(key));
  });

  it("are kept when many others are tried, and others are not asked for twice", async () => {
    const { key } = await createKey(db);
    const { keys, pass } = arrange();
    await keys.find(key);
    const strangers = Array.from({ length: 12_000 }, () => generateApiKey().key);
    const count = await countStatements(db);
    await Promise.all(strangers.map(keys.find));
    assert(keys.known(key) !== undefined);
    const afterFirst = (await count(lookedUp)).calls;
    assert(afterFirst <= 20, `${afterFirst} statements for 12,000 keys`);

    const last = strangers.at(-1) ?? "";
    assert.equal(await keys.find(last), undefined);
    assert.equal(await keys.find("no key at all"), undefined);
    assert.equal((await count(lookedUp)).calls, afterFirst);
    pass(26_000);
    assert.equal(await keys.find(last), undefined);
    assert.equal((await count(lookedUp)).calls, afterFirst + 1);
    await keys.close();
  });

  it("tell when they were used last, and ask the database no more than once a minute for that", async () => {
    const { id, key } = await createKey(db);
    const { keys, pass } = arrange();
    const count = await countStatements(db);
    for (let n = 0; n < 4; n++) {
      await keys.find(key);
      pass(14_000);
    }
    await keys.close();
    assert.equal((await count("UPDATE api_keys SET last_used_at")).calls, 1);
    const lastUse = async () => (await listApiKeys(db, defaultAccountId)).find((row) => row.id === id)?.lastUsedAt;
    assert((await lastUse()) instanceof Date);
    pass(5_000);
    await keys.find(key);
    await keys.close();
    assert.equal((await count("UPDATE api_keys SET last_used_at")).calls, 2);
  });

  it("that are revoked are not used by being tried", async () => {
    const { id, key } = await createKey(db);
    await revokeApiKey(db, id);
    const { keys } = arrange();
    await keys.find(key);
    await keys.close();
    assert.equal((await listApiKeys(db, defaultAccountId)).find((row) => row.id === id)?.lastUsedAt, null);
  });
});
