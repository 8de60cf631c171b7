import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { ActivityPage } from "@onsale/admin/console/messages/event-messages";
import type { CreatedKey, KeyChoices, KeyLine, KeyPage } from "@onsale/admin/console/messages/key-messages";
import type { Db } from "@onsale/database/client";
import { createAccount } from "@onsale/database/statements/access/create-account";
import { findApiKeys } from "@onsale/database/statements/access/find-api-keys";
import { parseApiKey } from "@onsale/security/api-key";
import { type AdminClient, logIn, request, startAdminService } from "../../support/browser/admin.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createKey } from "../../support/services/api-keys.ts";

const wanted = { name: "shop", account: "default", scopes: ["orders:write"], expiresAt: null };

describe("API keys in the console", () => {
  let db: Db;
  let url: string;
  let admin: AdminClient;
  let reader: AdminClient;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const environment = { DATABASE_URL: databaseUrl };
    const [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
    ]);
    url = service.url;
    [admin, reader] = await Promise.all([logIn(service.url), logIn(readOnlyService.url)]);
  });

  const post = (path: string, body: unknown = {}, client = admin) =>
    client.send("POST", `/api/keys${path}`, undefined, JSON.stringify(body));
  const countKeys = async () => (await db.selectFrom("api_keys").select("id").execute()).length;
  const activities = async () => (await admin.get<ActivityPage>("/api/keys/activity")).activities;

  async function create(part: object = {}): Promise<Readonly<{ key: string; id: string }>> {
    const { status, text } = await post("", { ...wanted, ...part });
    assert.equal(status, 200, text);
    const { key }: CreatedKey = JSON.parse(text);
    return { key, id: parseApiKey(key)?.id ?? assert.fail() };
  }

  async function find(id: string): Promise<KeyLine> {
    const { keys } = await admin.get<KeyPage>("/api/keys");
    return keys.find((line) => line.id === id) ?? assert.fail();
  }

  it("are created for an account with scopes and an end, and shown in that answer only", async () => {
    assert.notEqual(await createAccount(db, "Box office"), undefined);
    const expiresAt = "2099-12-31T00:00:00.000Z";
    const { key, id } = await create({ name: "door", account: "Box office", scopes: ["orders:read"], expiresAt });
    const { createdAt: _, ...line } = await find(id);
    assert.deepEqual(line, {
      id,
      name: "door",
      accountName: "Box office",
      scopes: ["orders:read"],
      state: "valid",
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
    });
    const [stored] = await findApiKeys(db, [id]);
    assert.deepEqual(stored?.hash, parseApiKey(key)?.hash);
    const [, , secret = ""] = key.split("_");
    for (const path of ["", "/activity"]) {
      const { text, headers } = await admin.send("GET", `/api/keys${path}`);
      assert(text.includes(id) && !text.includes(secret), path);
      assert.equal(headers.get("cache-control"), "no-store");
    }
    assert.equal((await activities())[0]?.text, `key ${id} created: door, with orders:read`);
  });

  it("are revoked for good, once, with an entry in the log", async () => {
    const { id } = await create();
    const revoked = await post(`/${id}/revoke`);
    const message = "The key “shop” is revoked: gateways refuse it within 30 seconds.";
    assert.deepEqual([revoked.status, JSON.parse(revoked.text)], [200, { message }]);
    assert.equal((await find(id)).state, "revoked");
    const again = await post(`/${id}/revoke`);
    assert.deepEqual([again.status, JSON.parse(again.text).message], [409, "The key is revoked already."]);
    const texts = (await activities())
      .filter(({ text }) => text.includes(id))
      .map(({ actor, text }) => `${actor}: ${text}`);
    assert.deepEqual(texts, [
      `console admin: key ${id} revoked: shop`,
      `console admin: key ${id} created: shop, with orders:write`,
    ]);
  });

  it("that have expired are shown as expired", async () => {
    const { id } = await createKey(db, { expiresAt: new Date(Date.now() - 1_000) });
    assert.equal((await find(id)).state, "expired");
  });

  it("may have every account and scope; admin has to be chosen", async () => {
    const { accounts, scopes } = await admin.get<KeyChoices>("/api/keys/choices");
    assert.equal(accounts[0], "default");
    assert.deepEqual(
      scopes.filter(({ isUsual }) => !isUsual).map(({ name }) => name),
      ["admin"],
    );
  });

  it("are not created or revoked by a request that is wrong, and the message says why", async () => {
    const { id } = await create();
    const before = await countKeys();
    for (const [body, status, message] of [
      [{}, 400, /name and account and scopes and expiresAt are missing/],
      [{ ...wanted, name: "" }, 400, /name must/],
      [{ ...wanted, name: "x".repeat(101) }, 400, /name must/],
      [{ ...wanted, name: "shop\u202e" }, 400, /name must have a visible character/],
      [{ ...wanted, name: "a\u0000b" }, 400, /name must have a visible character/],
      [{ ...wanted, name: 5 }, 400, /name must/],
      [{ ...wanted, account: "nobody" }, 404, /There is no account with the name nobody\./],
      [{ ...wanted, account: "'; DROP TABLE api_keys; --" }, 404, /There is no account/],
      [{ ...wanted, scopes: [] }, 400, /scopes must/],
      [{ ...wanted, scopes: "admin" }, 400, /scopes must/],
      [{ ...wanted, scopes: ["root"] }, 400, /scopes\/0 must be one of events:write/],
      [{ ...wanted, scopes: ["admin", "admin"] }, 400, /scopes must/],
      [{ ...wanted, expiresAt: "tomorrow" }, 400, /expiresAt must/],
      [{ ...wanted, expiresAt: "2030-06-30T23:59:60Z" }, 400, /expiresAt must be a real time from 1970 to 9999/],
      [{ ...wanted, expiresAt: "9999-12-31T23:59:59-23:00" }, 400, /expiresAt must be a real time from 1970 to 9999/],
      [{ ...wanted, expiresAt: "2020-01-01T00:00:00Z" }, 400, /has passed, so the key would never be valid/],
      [{ ...wanted, key: "onsale_1" }, 400, /key is no known field/],
    ] as const) {
      const { status: actual, text } = await post("", body);
      assert.equal(actual, status, `${JSON.stringify(body)}: ${text}`);
      assert.match(JSON.parse(text).message, message);
    }
    for (const [path, status] of [
      ["/AAAAAAAAAAAA/revoke", 404],
      ["/short/revoke", 400],
      [`/${id}%00/revoke`, 400],
    ] as const) {
      assert.equal((await post(path)).status, status, path);
    }
    assert.equal(await countKeys(), before);
    assert.equal((await find(id)).state, "valid");
  });

  it("are shown after a login only, and changed by pages of the service only, and never in read-only mode", async () => {
    const { id } = await create();
    const before = await countKeys();
    for (const path of ["", "/choices", "/activity"]) {
      assert.equal((await request(`${url}/api/keys${path}`)).status, 401, path);
    }
    const { origin } = new URL(url);
    const body = JSON.stringify(wanted);
    for (const path of ["", `/${id}/revoke`]) {
      const headers = { origin, "content-type": "application/json" };
      assert.equal((await request(`${url}/api/keys${path}`, { method: "POST", body, headers })).status, 401, path);
      for (const from of [{}, { origin: "https://elsewhere.example.com" }, { "sec-fetch-site": "cross-site" }]) {
        assert.equal((await admin.send("POST", `/api/keys${path}`, from, body)).status, 403, path);
      }
      assert.equal((await post(path, wanted, reader)).status, 403, path);
    }
    assert.equal(await countKeys(), before);
    assert.equal((await find(id)).state, "valid");
  });
});
