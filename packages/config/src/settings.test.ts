import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError, ConfigFault, loadConfig } from "./load-config.ts";
import { auth, databaseUrl, host, optionalDatabaseUrl, port, redisUrls } from "./settings.ts";

describe("HOST", () => {
  it("is a loopback address, because anybody may call", () => {
    for (const address of ["127.0.0.1", "127.0.1.1", "127.255.255.254", "localhost", "::1"]) {
      assert.equal(host.parse(address), address);
    }
    assert.equal(host.parse(undefined), "127.0.0.1");
  });

  it("is refused when others can reach it, or when it only looks like loopback", () => {
    const open = ["0.0.0.0", "::", "192.168.0.1", "10.0.0.1", "example.com"];
    const disguised = [
      "localhost.example.com",
      "127.0.0.1.example.com",
      "1127.0.0.1",
      "127.0.0.1\n",
      " localhost",
      "::1%0",
    ];
    for (const address of [...open, ...disguised]) {
      assert.throws(() => host.parse(address), { message: /^must be a loopback address/ }, address);
    }
  });

  it("is never an address outside 127.0.0.0/8", () => {
    const elsewhere = fc.ipV4().filter((address) => !address.startsWith("127."));
    fc.assert(fc.property(elsewhere, (address) => assert.throws(() => host.parse(address), ConfigFault)));
  });
});

describe("PORT", () => {
  it("is any TCP port, or 0 for a free one", () => {
    assert.deepEqual(["0", "8080", "65535", undefined].map(port.parse), [0, 8080, 65_535, 8080]);
    assert.throws(() => port.parse("65536"), ConfigFault);
  });
});

describe("AUTH", () => {
  it("is off and nothing else, as long as there are no keys", () => {
    assert.equal(auth.parse(undefined), "off");
    assert.throws(() => auth.parse("keys"), ConfigFault);
  });
});

describe("DATABASE_URL", () => {
  it("is required by a service that starts alone, and optional where a database is embedded", () => {
    assert.throws(() => loadConfig({ databaseUrl }, {}), { message: /^DATABASE_URL must be set/ });
    assert.throws(() => loadConfig({ databaseUrl }, { DATABASE_URL: "" }), { message: /^DATABASE_URL must be set/ });
    assert.deepEqual(loadConfig({ optionalDatabaseUrl }, {}), { optionalDatabaseUrl: undefined });
  });

  it("is one PostgreSQL URL, kept as it is written", () => {
    for (const url of [
      "postgres://u:p%40@h:5432/db?sslmode=require",
      "postgresql://h/db",
      "postgres:///db?host=/run",
    ]) {
      assert.equal(databaseUrl.parse(url), url);
      assert.equal(optionalDatabaseUrl.parse(url), url);
    }
    for (const setting of [databaseUrl, optionalDatabaseUrl]) {
      assert.throws(() => setting.parse("postgres://a/db,postgres://b/db"), { message: "must be one URL" });
      assert.throws(() => setting.parse("mysql://a/db"), { message: /^must be a URL such as postgres:/ });
    }
  });
});

describe("REDIS_URL", () => {
  it("is none, one Redis, or the nodes of a cluster", () => {
    assert.equal(redisUrls.parse(undefined), undefined);
    assert.deepEqual(redisUrls.parse("redis://:secret@localhost:6379/1"), ["redis://:secret@localhost:6379/1"]);
    assert.deepEqual(redisUrls.parse("redis://a:7000,redis://b:7001,rediss://c"), [
      "redis://a:7000",
      "redis://b:7001",
      "rediss://c",
    ]);
  });
});

describe("a password", () => {
  // Letters that no message has.
  const passwords = fc.string({ unit: fc.constantFrom("Q", "X", "Z", "7"), minLength: 6, maxLength: 20 });

  it("never appears in the fault of its URL", () => {
    fc.assert(
      fc.property(passwords, (password) => {
        const bad = [
          `mysql://user:${password}@host/db`,
          `user:${password}@host/db`,
          `postgres://user:${password}@host:port/db`,
          `postgres://user:${password}@a/db,postgres://user:${password}@b/db`,
          password,
        ];
        for (const url of bad) {
          assert.throws(
            () => loadConfig({ databaseUrl, redisUrls }, { DATABASE_URL: url, REDIS_URL: url }),
            (error) => {
              assert(error instanceof ConfigError);
              assert.equal(error.faults.length, 2);
              return !`${error.stack} ${error.faults.join()}`.includes(password);
            },
          );
        }
      }),
    );
  });
});
