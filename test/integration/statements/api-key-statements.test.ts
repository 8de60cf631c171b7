import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { createAccount } from "@onsale/database/statements/access/create-account";
import { createApiKey } from "@onsale/database/statements/access/create-api-key";
import { findApiKeys } from "@onsale/database/statements/access/find-api-keys";
import { listAccounts } from "@onsale/database/statements/access/list-accounts";
import { listApiKeys } from "@onsale/database/statements/access/list-api-keys";
import { recordApiKeyUse } from "@onsale/database/statements/access/record-api-key-use";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";
import { generateApiKey } from "@onsale/security/api-key";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { defaultAccountId, times } from "../../support/database/factories.ts";

describe("the statements of accounts and API keys", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  const create = async (accountId: number, name = "a key") => {
    const { id, hash } = generateApiKey();
    await createApiKey(db, { id, accountId, name, hash, scopes: ["orders:read", "orders:write"], expiresAt: null });
    return { id, hash };
  };
  const lastUse = async (id: string) =>
    (await listApiKeys(db, defaultAccountId)).find((key) => key.id === id)?.lastUsedAt ?? null;

  it("no two accounts have the same name", async () => {
    const id = await createAccount(db, "Rock Agency");
    assert(id !== undefined && id !== defaultAccountId);
    assert.equal(await createAccount(db, "Rock Agency"), undefined);
    const names = (await listAccounts(db)).map((account) => [account.id, account.name]);
    assert.deepEqual(names, [
      [defaultAccountId, "default"],
      [id, "Rock Agency"],
    ]);
  });

  it("a key is found by its id, with all that is needed to accept it, and lists leave its hash out", async () => {
    const { id, hash } = await create(defaultAccountId);
    const [found, ...others] = await findApiKeys(db, [id, "doesNotExist"]);
    assert.deepEqual(found, {
      id,
      accountId: defaultAccountId,
      hash,
      scopes: ["orders:read", "orders:write"],
      expiresAt: null,
      revokedAt: null,
    });
    assert.deepEqual(others, []);
    const [listed] = await listApiKeys(db, defaultAccountId);
    assert(listed !== undefined && !("hash" in listed));
  });

  it("keys are listed account by account, the newest first", async () => {
    const accountId = (await createAccount(db, "Lister")) ?? 0;
    for (const name of ["first", "second", "third"]) await create(accountId, name);
    assert.deepEqual(
      (await listApiKeys(db, accountId)).map(({ name }) => name),
      ["third", "second", "first"],
    );
  });

  it("a key without an account or scopes, or with a hash of another length, is not stored", async () => {
    await assert.rejects(create(999_999), { code: "23503" });
    const { id, hash } = generateApiKey();
    const key = { id, hash, accountId: defaultAccountId, name: "bad", expiresAt: null };
    await assert.rejects(createApiKey(db, { ...key, scopes: [] }), { code: "23514" });
    await assert.rejects(createApiKey(db, { ...key, scopes: ["admin"], hash: hash.subarray(1) }), { code: "23514" });
    assert.deepEqual(await findApiKeys(db, [id]), []);
  });

  it("a key is revoked for good, and keeps the time of the first revocation", async () => {
    const { id } = await create(defaultAccountId);
    const revoked = await revokeApiKey(db, id);
    assert.equal(revoked?.accountId, defaultAccountId);
    assert.deepEqual(await revokeApiKey(db, id), revoked);
    assert.deepEqual((await findApiKeys(db, [id]))[0]?.revokedAt, revoked.revokedAt);
    assert.equal(await revokeApiKey(db, "doesNotExist"), undefined);
  });

  it("use is recorded once a minute, however many gateways report it", async () => {
    const { id } = await create(defaultAccountId);
    assert.equal(await lastUse(id), null);
    await Promise.all(times(8, 0).map(() => recordApiKeyUse(db, [id])));
    const first = await lastUse(id);
    assert(first !== null);
    await recordApiKeyUse(db, [id]);
    assert.deepEqual(await lastUse(id), first);

    await sql`UPDATE api_keys SET last_used_at = last_used_at - interval '61 seconds' WHERE id = ${id}`.execute(db);
    await recordApiKeyUse(db, [id, "doesNotExist"]);
    assert(((await lastUse(id)) ?? 0) >= first);
  });
});
