import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError, ConfigFault, loadConfig } from "./load-config.ts";
import {
  auth,
  checkHost,
  databaseUrl,
  defaultRateLimitPerAddress,
  optionalDatabaseUrl,
  optionalWebhookKey,
  port,
  rateLimitPerAddress,
  rateLimitPerKey,
  redisUrls,
  requiredWebhookKey,
  trustProxy,
  webhookAllowPrivate,
  webhookRetrySchedule,
} from "./settings.ts";

describe("HOST", () => {
  it("is any address when AUTH is keys", () => {
    for (const address of ["0.0.0.0", "::", "127.0.0.1", "example.com"]) {
      assert.equal(checkHost({ host: address, auth: "keys" }), undefined);
    }
  });

  it("is a loopback address when AUTH is off", () => {
    for (const address of ["127.0.0.1", "127.0.1.1", "127.255.255.254", "localhost", "::1"]) {
      assert.equal(checkHost({ host: address, auth: "off" }), undefined);
    }
  });

  it("is not reported when another setting is bad", () => {
    assert.equal(checkHost({ host: "0.0.0.0" }), undefined);
    assert.equal(checkHost({ auth: "off" }), undefined);
  });

  it("is refused with AUTH off when other machines can reach it, or when it only looks like loopback", () => {
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
      assert.match(checkHost({ host: address, auth: "off" }) ?? "", /^HOST must be a loopback address/, address);
    }
  });

  it("is never an IPv4 address outside 127.0.0.0/8 with AUTH off", () => {
    const elsewhere = fc.ipV4().filter((address) => !address.startsWith("127."));
    fc.assert(fc.property(elsewhere, (address) => assert(checkHost({ host: address, auth: "off" }) !== undefined)));
  });
});

describe("PORT", () => {
  it("is any TCP port, or 0 for a free one", () => {
    assert.deepEqual(["0", "8080", "65535", undefined].map(port.parse), [0, 8080, 65_535, 8080]);
    assert.throws(() => port.parse("65536"), ConfigFault);
  });
});

describe("AUTH", () => {
  it("is keys by default, or off", () => {
    assert.deepEqual([undefined, "keys", "off"].map(auth.parse), ["keys", "keys", "off"]);
    for (const value of ["on", "OFF", "none", "0", "false"]) assert.throws(() => auth.parse(value), ConfigFault, value);
  });
});

describe("RATE_LIMIT_PER_KEY and RATE_LIMIT_PER_ADDRESS", () => {
  it("are on by default with AUTH=keys, and 0 switches them off", () => {
    assert.deepEqual([undefined, "0", "7"].map(rateLimitPerKey.parse), [5_000, 0, 7]);
    assert.deepEqual([undefined, "0", "7"].map(rateLimitPerAddress.parse), [undefined, 0, 7]);
    assert.equal(defaultRateLimitPerAddress("keys"), 5_000);
    assert.equal(defaultRateLimitPerAddress("off"), 0);
  });
});

describe("TRUST_PROXY", () => {
  it("is no proxy by default, or addresses, networks and their names", () => {
    assert.deepEqual(trustProxy.parse(undefined), []);
    const good = ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "loopback", "linklocal", "uniquelocal"];
    assert.deepEqual(trustProxy.parse(good.join(" , ")), good);
  });

  it("refuses values that would trust every proxy, and malformed ones", () => {
    for (const value of ["true", "1", "*", "all", "example.com", "10.0.0.0/33", "::/129", "10.0.0.0/", "10/8", ","]) {
      assert.throws(() => trustProxy.parse(value), { message: /^must be addresses or networks/ }, value);
    }
  });
});

describe("DATABASE_URL", () => {
  it("is required by a service that is started alone, and optional when the embedded database can be used", () => {
    assert.throws(() => loadConfig({ databaseUrl }, {}), { message: /^DATABASE_URL must be set/ });
    assert.throws(() => loadConfig({ databaseUrl }, { DATABASE_URL: "" }), { message: /^DATABASE_URL must be set/ });
    assert.deepEqual(loadConfig({ optionalDatabaseUrl }, {}), { optionalDatabaseUrl: undefined });
  });

  it("is one PostgreSQL URL, of one host or several, kept unchanged", () => {
    for (const url of [
      "postgres://u:p%40@h:5432/db?sslmode=require",
      "postgresql://h/db",
      "postgres:///db?host=/run",
      "postgres://u:p@/db?host=/run/my-project:region:instance",
      "postgresql://%2Fvar%2Frun%2Fpostgresql/db",
      "postgresql://u:p,w@%2frun:5433/db",
      "postgres://u:p%40@a:5432,b:5433/db?target_session_attrs=read-write&sslmode=require",
      "postgres://u:p@/db?host=a,b&port=5432,5433",
    ]) {
      assert.equal(databaseUrl.parse(url), url);
      assert.equal(optionalDatabaseUrl.parse(url), url);
    }
    for (const setting of [databaseUrl, optionalDatabaseUrl]) {
      assert.throws(() => setting.parse("postgres://a/db,postgres://b/db"), { message: "must be one URL" });
      assert.throws(() => setting.parse("mysql://a/db"), { message: /^must be a URL such as postgres:/ });
      assert.throws(() => setting.parse("postgres://a,/db"), { message: /^must have a host on each side/ });
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
  // Characters that no fault has otherwise.
  const passwords = fc.string({ unit: fc.constantFrom("Q", "X", "Z", "7"), minLength: 6, maxLength: 20 });

  it("never appears in the fault of its URL", () => {
    fc.assert(
      fc.property(passwords, (password) => {
        const bad = [
          `mysql://user:${password}@host/db`,
          `user:${password}@host/db`,
          `postgres://user:${password}@host:port/db`,
          `postgres://user:${password}@a/db,postgres://user:${password}@b/db`,
          `postgres://user:${password}@a,b:${password}/db`,
          `postgres://user:${password}/@a,b/db`,
          `postgres://user@a,b/db?password=${password}&target_session_attrs=${password}`,
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

describe("WEBHOOK_SECRET_KEY", () => {
  const key = Buffer.alloc(32, 7);

  it("is required by a notifier, and optional for a gateway", () => {
    assert.throws(() => loadConfig({ requiredWebhookKey }, {}), { message: /^WEBHOOK_SECRET_KEY must be set/ });
    assert.throws(() => loadConfig({ requiredWebhookKey }, { WEBHOOK_SECRET_KEY: "" }), ConfigError);
    assert.deepEqual(loadConfig({ optionalWebhookKey }, {}), { optionalWebhookKey: undefined });
    for (const setting of [requiredWebhookKey, optionalWebhookKey]) {
      assert.deepEqual(setting.parse(key.toString("base64")), key);
    }
  });

  it("never appears in a fault", () => {
    const short = key.toString("hex").slice(2);
    assert.throws(
      () => loadConfig({ requiredWebhookKey }, { WEBHOOK_SECRET_KEY: short }),
      (error) => error instanceof ConfigError && !`${error.stack} ${error.faults.join()}`.includes(short),
    );
  });
});

describe("WEBHOOK_ALLOW_PRIVATE", () => {
  it("is off by default, and only 1 switches it on", () => {
    assert.deepEqual([undefined, "0", "1"].map(webhookAllowPrivate.parse), ["0", "0", "1"]);
    for (const value of ["true", "yes", "on", "2", " 1", "-1"]) {
      assert.throws(() => webhookAllowPrivate.parse(value), ConfigFault, value);
    }
  });
});

describe("WEBHOOK_RETRY_SCHEDULE", () => {
  it("is that of the Standard Webhooks specification by default", () => {
    const hour = 3_600;
    assert.deepEqual(webhookRetrySchedule.parse(undefined), [
      0,
      5,
      5 * 60,
      30 * 60,
      2 * hour,
      5 * hour,
      10 * hour,
      14 * hour,
      20 * hour,
      24 * hour,
    ]);
  });

  it("is numbers of seconds with commas between, spaces around them ignored", () => {
    assert.deepEqual(webhookRetrySchedule.parse("0"), [0]);
    assert.deepEqual(webhookRetrySchedule.parse("0, 0.05 ,1.5,604800"), [0, 0.05, 1.5, 604_800]);
    assert.equal(webhookRetrySchedule.parse(Array(50).fill("1").join()).length, 50);
  });

  it("is refused when it is anything else", () => {
    const bad = [
      "",
      ",",
      "0,",
      ",5",
      "0,,5",
      "0;5",
      "0 5",
      "-1",
      "+1",
      "1e3",
      "0x10",
      "five",
      "NaN",
      "Infinity",
      "1.2345",
    ];
    for (const value of [...bad, "604801", "1234567", "0,5s", Array(51).fill("1").join()]) {
      assert.throws(() => webhookRetrySchedule.parse(value), { message: /^must be 1 to 50 numbers of seconds/ }, value);
    }
  });
});
