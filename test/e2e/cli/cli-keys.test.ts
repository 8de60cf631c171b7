import { strict as assert } from "node:assert";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { parseApiKey } from "@onsale/security/api-key";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createCli } from "../../support/services/program.ts";
import { startGateway } from "../../support/services/services.ts";
import { newDataDir } from "../../support/services/standalone.ts";

let databaseUrl: string;
let cli: ReturnType<typeof createCli>;
let gatewayUrl: string;

before(async () => {
  databaseUrl = await createTestDatabase();
  cli = createCli({ DATABASE_URL: databaseUrl });
  gatewayUrl = (await startGateway({ DATABASE_URL: databaseUrl, AUTH: "keys" })).url;
});

/** Starts a server that closes every connection at once; returns its host and port. */
async function startClosingServer(): Promise<string> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  atEnd(() => server.close());
  await once(server, "listening");
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  return `127.0.0.1:${address.port}`;
}

/** Calls the gateway's API with a key, and returns the status. */
async function callWith(key: string, path = "/api/v1/orders"): Promise<number> {
  return (await fetch(`${gatewayUrl}${path}`, { headers: { authorization: `Bearer ${key}` } })).status;
}

describe("onsale keys and accounts", () => {
  it("create the first key, which the gateway accepts for its scopes", async () => {
    const { code, stdout, stderr } = await cli.run("keys", "create", "--name", "shop", "--scopes", "orders:read");
    assert.equal(code, 0, stderr);
    const key = /^key +(\S+)$/m.exec(stdout)?.[1] ?? "";
    assert(parseApiKey(key) !== null);
    assert.match(stderr, /Keep the key/);
    assert.equal(await callWith(key), 200);
    assert.equal(await callWith(key, "/api/v1/webhooks"), 403);

    const listed = await cli.run("keys", "list");
    assert.match(listed.stdout, /^\S{12} +shop +valid +orders:read /m);
    assert(!listed.stdout.includes(key));
  });

  it("show an event and its stock to a key that must not see hidden ticket types, without these", async () => {
    const makeCli = async (...scopes: string[]) => {
      const { stdout } = await cli.run("keys", "create", "--name", "a-key", "--json", "--scopes", ...scopes);
      return createCli({ ONSALE_URL: gatewayUrl, ONSALE_API_KEY: JSON.parse(stdout).key });
    };
    const [organiser, reader] = [await makeCli("events:write", "inventory:write"), await makeCli("orders:read")];
    const times = ["--start", "2030-06-01T19:00:00Z", "--end", "2030-06-01T23:00:00Z"];
    await organiser.run("events", "create", "EVNT-HIDDEN", "--name", "A show", ...times, "--ticket", "STANDARD=5");
    await organiser.run("inventory", "set", "EVNT-HIDDEN", "FANCLUB", "5", "--hidden");
    for (const command of ["events", "inventory"]) {
      const [all, some] = await Promise.all([organiser, reader].map((one) => one.run(command, "show", "EVNT-HIDDEN")));
      assert(all?.code === 0 && some?.code === 0, `${all?.stderr} ${some?.stderr}`);
      assert(all.stdout.includes("FANCLUB"));
      assert(some.stdout.includes("STANDARD") && !some.stdout.includes("FANCLUB"));
    }
  });

  it("ONSALE_API_KEY gives access; without it the error says what to do", async () => {
    const { stdout } = await cli.run("keys", "create", "--name", "admin", "--json");
    const { key } = JSON.parse(stdout);
    const [withKey, without] = await Promise.all([
      createCli({ ONSALE_URL: gatewayUrl, ONSALE_API_KEY: key }).run("events", "list"),
      createCli({ ONSALE_URL: gatewayUrl }).run("events", "list"),
    ]);
    assert.equal(withKey.code, 0, withKey.stderr);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /\(401 .*\)\n→ Set ONSALE_API_KEY .*onsale keys create --name NAME\n$/);
  });

  it("create a key with all scopes but admin, unless others are given", async () => {
    const create = async (...options: string[]) =>
      JSON.parse((await cli.run("keys", "create", "--name", "any", ...options, "--json")).stdout);
    const [usual, admin] = await Promise.all([create(), create("--scopes", "admin")]);
    const all = ["events:write", "inventory:write", "orders:write", "orders:read", "webhooks:manage"];
    assert.deepEqual([usual.scopes, admin.scopes], [all, ["admin"]]);
    assert.equal(await callWith(usual.key), 200);
    assert.deepEqual([await callWith(usual.key, "/metrics"), await callWith(admin.key, "/metrics")], [403, 200]);
  });

  it("revoke a key by its id or the whole key; a second time changes nothing", async () => {
    const created = JSON.parse((await cli.run("keys", "create", "--name", "old", "--json")).stdout);
    const first = await cli.run("keys", "revoke", created.key, "--json");
    const second = await cli.run("keys", "revoke", created.id, "--json");
    assert.deepEqual([first.code, second.code], [0, 0]);
    assert.deepEqual(JSON.parse(first.stdout), JSON.parse(second.stdout));
    assert.equal(await callWith(created.key), 401);
  });

  it("create another account with keys of its own", async () => {
    const account = JSON.parse((await cli.run("accounts", "create", "acme tours", "--json")).stdout);
    const create = [
      "keys",
      "create",
      "--account",
      "acme tours",
      "--name",
      "theirs",
      "--expires",
      "2999-01-01T00:00:00Z",
    ];
    const [again, quoted, { code, stdout }] = await Promise.all([
      cli.run("accounts", "create", "acme tours"),
      cli.run("accounts", "create", "acme & sons"),
      cli.run(...create),
    ]);
    assert.deepEqual([code, again.code], [0, 1]);
    assert.match(quoted.stdout, /: onsale keys create --account 'acme & sons' --name NAME\n$/);
    assert.match(stdout, /^account +acme tours$/m);
    const [accounts, theirKeys, ourKeys] = await Promise.all([
      cli.run("accounts", "list"),
      cli.run("keys", "list", "--account", "acme tours"),
      cli.run("keys", "list"),
    ]);
    assert.match(accounts.stdout, new RegExp(`^ *${account.id} +acme tours `, "m"));
    assert.match(theirKeys.stdout, / theirs +valid /);
    assert.doesNotMatch(ourKeys.stdout, / theirs /);
  });

  it("refuse bad input and create nothing", async () => {
    const noTime = ["keys", "create", "--name", "x", "--expires", "2999-02-29T00:00:00Z"];
    const keysBefore = (await cli.run("keys", "list", "--json")).stdout;
    const bad: readonly (readonly [number, RegExp, ...string[]])[] = [
      [2, /^Required option '--name/, "keys", "create"],
      [2, /A name has 1 to 100 characters/, "keys", "create", "--name", ""],
      [2, /A name has 1 to 100 characters/, "keys", "create", "--name", "x\u001b[31m"],
      [2, /Allowed choices are events:write/, "keys", "create", "--name", "x", "--scopes", "root"],
      [2, /That time has passed/, "keys", "create", "--name", "x", "--expires", "2020-01-01T00:00:00Z"],
      [2, /There is no such time/, ...noTime],
      [1, /no account with the name nobody/, "keys", "create", "--name", "x", "--account", "nobody"],
      [2, /An id has 12 letters and digits/, "keys", "revoke", "' OR 1=1"],
      [1, /no key with the id AAAAAAAAAAAA/, "keys", "revoke", "AAAAAAAAAAAA"],
      [2, /A name has 1 to 100 characters/, "accounts", "create", "x".repeat(101)],
    ];
    const tries = bad.map(async ([expected, pattern, ...parameters]) => {
      const { code, stdout, stderr } = await cli.run(...parameters);
      assert.deepEqual([code, stdout], [expected, ""], stderr);
      assert.match(stderr, pattern);
    });
    await Promise.all(tries);
    assert.equal((await cli.run("keys", "list", "--json")).stdout, keysBefore);
  });

  it("find the database of a running npm start, and say what to do without one", async () => {
    const dataDir = newDataDir();
    const none = await createCli({ DATA_DIR: dataDir }).run("accounts", "list");
    assert.equal(none.code, 1);
    assert.match(none.stderr, /^There is no database to work on\.\n→ Set DATABASE_URL/);
    mkdirSync(join(dataDir, "run"));
    writeFileSync(join(dataDir, "run", "database-url"), `${databaseUrl}\n`);
    assert.match((await createCli({ DATA_DIR: dataDir }).run("accounts", "list")).stdout, / default /);
  });

  it("say that the database is unreachable or not migrated, without its password", async () => {
    const gone = await createCli({ DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/x" }).run("accounts", "list");
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /^The database 127\.0\.0\.1:1\/x cannot be used: nothing answers/);
    assert.doesNotMatch(gone.stderr, /hunter2/);
    const empty = await createCli({ DATABASE_URL: await createTestDatabase("empty") }).run("accounts", "list");
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /is not migrated to this version\.\n→ Start any service/);
  });

  it("say what is wrong with a DATABASE_URL, and point to onsale doctor", async () => {
    const db = connect(databaseUrl);
    const role = `test_role_${Date.now()}`;
    await sql.raw(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`).execute(db);
    atEnd(() => sql.raw(`DROP ROLE ${role}`).execute(db));
    const withPart = (part: Readonly<Record<string, string>>) => Object.assign(new URL(databaseUrl), part).href;
    const wrong: readonly (readonly [RegExp, string])[] = [
      [/database "no_such" does not exist/, withPart({ pathname: "/no_such" })],
      [/password authentication failed/, withPart({ password: "hunter3" })],
      [/it asks for a password, and its URL has none/, withPart({ password: "" })],
      [/does not support SSL/, withPart({ search: "?sslmode=verify-full" })],
      [/no such file/, withPart({ search: "?sslmode=verify-full&sslrootcert=/none/ca.pem" })],
      [/permission denied/, withPart({ username: role, password: "hunter2" })],
      // The message depends on which layer notices it first.
      [/cannot be used: \S/, withPart({ host: await startClosingServer() })],
    ];
    // One after the other, because connecting may take three seconds at most.
    for (const [why, url] of wrong) {
      const { code, stdout, stderr } = await createCli({ DATABASE_URL: url }).run("accounts", "list");
      assert.deepEqual([code, stdout], [1, ""], stderr);
      assert.match(stderr, why);
      assert.match(stderr, /^The database \S+ cannot be used: .*\n→ .* See: onsale doctor\n$/);
      assert.doesNotMatch(stderr, /hunter/);
    }
  });
});
