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

const lookupStatement = 'from "api_keys"';

describe("the API keys in a gateway's cache", () => {
  let db: Db;
  let databaseUrl: string;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
  });

  /** Keys on a clock that only `pass` moves. */
  function arrange(on = db) {
    let nowMs = 1_000_000;
    const keys = createApiKeys(on, ratePolicy("key", 10, 1), () => nowMs);
    const pass = (ms: number) => {
      nowMs += ms;
    };
    return { keys, pass };
  }

  it("are looked up once for concurrent and later requests", async () => {
    const { key } = await createKey(db, { scopes: ["orders:read", "orders:write"] });
    const { keys } = arrange();
    const count = await countStatements(db);
    assert.equal(keys.cached(key), undefined);
    const found = await Promise.all(times(50, key).map(keys.find));
    assert(found.every((known) => known !== undefined && isUsable(known)));
    assert.deepEqual(keys.cached(key)?.scopes, new Set(["orders:read", "orders:write"]));
    assert.equal(keys.cached(key)?.accountId, defaultAccountId);
    assert.equal((await count(lookupStatement)).calls, 1);
    await keys.close();
  });

  it("are accepted for at most 30 s after they were revoked, also while the database is unavailable", async () => {
    const own = connect(databaseUrl);
    const { id, key } = await createKey(db);
    const { keys, pass } = arrange(own);
    await keys.find(key);
    await keys.close();
    await own.destroy();
    await revokeApiKey(db, id);
    pass(11_000);
    const known = keys.cached(key);
    assert(known !== undefined && isUsable(known));
    pass(19_000);
    assert.equal(keys.cached(key), undefined);
    assert(keys.mayBeUsable(key));
    await assert.rejects(keys.find(key));
  });

  it("are looked up again in the background while they are used", async () => {
    const { id, key } = await createKey(db);
    const { keys, pass } = arrange();
    const bucket = (await keys.find(key))?.bucket;
    await revokeApiKey(db, id);
    pass(13_000);
    const known = keys.cached(key);
    assert(known !== undefined && isUsable(known));
    await untilTrue("the cache knows that the key is revoked", () => {
      const now = keys.cached(key);
      return now !== undefined && !isUsable(now);
    });
    assert.equal(keys.cached(key)?.bucket, bucket);
    await keys.close();
  });

  it("that are revoked stay in the cache, and are not looked up again for 25 s", async () => {
    const { id, key } = await createKey(db);
    await revokeApiKey(db, id);
    const { keys, pass } = arrange();
    await keys.find(key);
    assert(!keys.mayBeUsable(key));
    const count = await countStatements(db);
    pass(24_000);
    const known = keys.cached(key);
    assert(known !== undefined && !isUsable(known));
    // Lookups run one after the other, so an earlier one has ended now.
    await keys.find(generateApiKey().key);
    assert.equal((await count(lookupStatement)).rows, 0);
    pass(2_000);
    assert.equal(keys.cached(key), undefined);
    assert(!keys.mayBeUsable(key));
    const found = await keys.find(key);
    assert(found !== undefined && !isUsable(found));
    assert.equal((await count(lookupStatement)).rows, 1);
    await keys.close();
  });

  it("expire on time, however recent their lookup is", async () => {
    const expiresAt = new Date(Date.now() + 300);
    const { key } = await createKey(db, { expiresAt });
    const { keys } = arrange();
    const known = await keys.find(key);
    assert(known !== undefined);
    await untilTrue("the key expires", () => {
      const before = Date.now();
      const isStillUsable = isUsable(known);
      if (before >= expiresAt.getTime()) assert(!isStillUsable);
      if (Date.now() < expiresAt.getTime()) assert(isStillUsable);
      return !isStillUsable;
    });
    await keys.close();
  });

  it("do not accept a text with the id of a key and another secret", async () => {
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
    assert(!keys.mayBeUsable(key));
  });

  it("stay in the cache when many unknown texts are tried, and each of these is looked up once", async () => {
    const { key } = await createKey(db);
    const { keys, pass } = arrange();
    await keys.find(key);
    const unknownKeys = Array.from({ length: 12_000 }, () => generateApiKey().key);
    const count = await countStatements(db);
    await Promise.all(unknownKeys.map(keys.find));
    assert(keys.cached(key) !== undefined);
    const afterFirst = (await count(lookupStatement)).calls;
    assert(afterFirst <= 20, `${afterFirst} statements for 12,000 keys`);

    const last = unknownKeys.at(-1) ?? "";
    assert.equal(await keys.find(last), undefined);
    assert.equal(await keys.find("no key at all"), undefined);
    assert.equal((await count(lookupStatement)).calls, afterFirst);
    pass(26_000);
    assert.equal(await keys.find(last), undefined);
    assert.equal((await count(lookupStatement)).calls, afterFirst + 1);
    await keys.close();
  });

  it("have their last use recorded, at most once a minute", async () => {
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

  it("that are revoked get no last use", async () => {
    const { id, key } = await createKey(db);
    await revokeApiKey(db, id);
    const { keys } = arrange();
    await keys.find(key);
    await keys.close();
    assert.equal((await listApiKeys(db, defaultAccountId)).find((row) => row.id === id)?.lastUsedAt, null);
  });
});
