import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";
import { createAddressBuckets, ratePolicy } from "@onsale/gateway/access/rate-limits";
import { generateApiKey } from "@onsale/security/api-key";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, times } from "../../support/database/factories.ts";
import { countStatements } from "../../support/database/statements.ts";
import { createApi } from "../../support/http/api.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { type Service, startGateway } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

/** Few enough that the slowest machine exceeds the limit. */
const perSecond = 5;
const many = 100;

describe("rate limits", () => {
  let db: Db;
  /** Three gateways: one limits keys, one addresses, one neither. */
  let byKey: Service;
  let byAddress: Service;
  let byNothing: Service;
  let adminKey: string;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const limits = (key: number, address: number) =>
      startGateway({
        AUTH: "keys",
        DATABASE_URL: databaseUrl,
        TRUST_PROXY: "loopback",
        RATE_LIMIT_PER_KEY: String(key),
        RATE_LIMIT_PER_ADDRESS: String(address),
      });
    [byKey, byAddress, byNothing] = await Promise.all([limits(perSecond, 0), limits(0, perSecond), limits(0, 0)]);
    adminKey = (await createKey(db)).key;
  });

  let addressCount = 0;
  const newAddress = () => `203.0.113.${addressCount++ % 256}`;
  let unusedCount = 0;
  /** An address that no other request of this file came from. */
  const unusedAddress = () => `192.0.2.${unusedCount++}`;
  async function ask({ url }: Service, path: string, key: string | undefined, address = newAddress()) {
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(url + path, { headers: { "x-forwarded-for": address, ...authorization } });
    const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
    const text = await response.text();
    const problem: Problem | undefined = isProblem ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, problem };
  }
  const askOften = (gateway: Service, path: string, key: string | undefined, address?: string) =>
    Promise.all(times(many, path).map((one) => ask(gateway, one, key, address)));
  const statuses = (answers: readonly { status: number }[]) => new Set(answers.map(({ status }) => status));

  it("allow a key so many requests a second from all addresses, and show that in headers", async () => {
    const { key } = await createKey(db, { scopes: ["orders:read"] });
    const first = await ask(byKey, "/api/v1/events", key);
    assert.equal(first.headers.get("ratelimit-policy"), '"key";q=5;w=1');
    assert.equal(first.headers.get("ratelimit"), '"key";r=4;t=1');

    const answers = await askOften(byKey, "/api/v1/events", key);
    assert.deepEqual(statuses(answers), new Set([200, 429]));
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.headers.get("retry-after"), "1");
    assert.equal(refused?.headers.get("ratelimit"), '"key";r=0;t=1');
    assert.deepEqual([refused?.problem?.code, refused?.problem?.retryable], ["rate-limited", true]);
    assert((await readMetricAs(adminKey, 'admission_rejected_total{reason="rate-limited"}')) > 0);
    await untilTrue("the key is allowed again", async () => (await ask(byKey, "/api/v1/events", key)).status === 200);
  });

  it("are shown in the headers of a stream, too", async () => {
    const { key } = await createKey(db);
    const { code } = await createTestEvent(db, {});
    const authorization = { authorization: `Bearer ${key}` };
    const stream = await fetch(`${byKey.url}/api/v1/events/${code}/stream`, { headers: authorization });
    assert.deepEqual(
      [stream.status, stream.headers.get("content-type"), stream.headers.get("ratelimit-policy")],
      [200, "text/event-stream; charset=utf-8", '"key";q=5;w=1'],
    );
    assert.equal(stream.headers.get("ratelimit"), '"key";r=4;t=1');
    await stream.body?.cancel();
  });

  it("of one key do not limit another one", async () => {
    const busy = await createKey(db);
    const calm = await createKey(db);
    assert(statuses(await askOften(byKey, "/api/v1/events", busy.key)).has(429));
    assert.equal((await ask(byKey, "/api/v1/events", calm.key)).status, 200);
  });

  it("allow an address so many requests a second with all keys, also to unknown paths", async () => {
    const keys = await Promise.all(times(10, 0).map(() => createKey(db)));
    for (const path of ["/api/v1/events", "/openapi.json", "/docs/", "/nowhere"]) {
      const address = newAddress();
      const answers = await Promise.all(
        times(many, path).map((one, n) => ask(byAddress, one, keys[n % keys.length]?.key, address)),
      );
      const refused = answers.find(({ status }) => status === 429);
      assert.equal(refused?.headers.get("ratelimit-policy"), '"address";q=5;w=1', path);
      assert.equal(refused?.headers.get("retry-after"), "1");
      assert(answers.some(({ status }) => status !== 429));
      assert.notEqual((await ask(byAddress, path, keys[0]?.key)).status, 429);
    }
  });

  it("of addresses are shown before they are exceeded, unless keys are limited", async () => {
    const { key } = await createKey(db);
    for (const path of ["/api/v1/events", "/openapi.json", "/nowhere"]) {
      const { headers } = await ask(byAddress, path, key, unusedAddress());
      assert.equal(headers.get("ratelimit-policy"), '"address";q=5;w=1', path);
      assert.equal(headers.get("ratelimit"), '"address";r=4;t=1', path);
    }
    const environment = { DATABASE_URL: await createTestDatabase(), RATE_LIMIT_PER_ADDRESS: String(perSecond) };
    const { headers } = await ask(await startGateway(environment), "/api/v1/events", undefined);
    assert.equal(headers.get("ratelimit"), '"address";r=4;t=1');
  });

  it("never apply to health probes", async () => {
    const address = newAddress();
    for (const path of ["/livez", "/readyz", "/actuator/health"]) {
      assert.deepEqual(statuses(await askOften(byAddress, path, undefined, address)), new Set([200]));
    }
  });

  it("allow an address so many requests with unknown keys, and do not stop a valid key", async () => {
    const address = newAddress();
    const { key } = await createKey(db);
    assert.equal((await ask(byKey, "/api/v1/events", key, address)).status, 200);
    const answers = await Promise.all(
      times(200, 0).map(() => ask(byKey, "/api/v1/events", generateApiKey().key, address)),
    );
    assert.deepEqual(statuses(answers), new Set([401, 429]));
    const allowedCount = answers.filter(({ status }) => status === 401).length;
    assert(allowedCount >= 60 && allowedCount < 150, `${allowedCount} attempts were allowed`);
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.headers.get("ratelimit-policy"), '"failures";q=60;w=60');
    assert.equal(refused?.headers.get("retry-after"), "1");
    await untilTrue(
      "the valid key is allowed",
      async () => (await ask(byKey, "/api/v1/events", key, address)).status === 200,
    );
    assert.equal((await ask(byKey, "/api/v1/events", generateApiKey().key)).status, 401);
  });

  it("count attempts with a revoked or expired key in the same way, and look it up once", async () => {
    const revoked = await createKey(db);
    const expired = await createKey(db, { expiresAt: new Date(Date.now() - 1) });
    await revokeApiKey(db, revoked.id);
    for (const { key } of [revoked, expired]) {
      const address = unusedAddress();
      const count = await countStatements(db);
      const first = await ask(byNothing, "/api/v1/events", key, address);
      assert.equal(first.headers.get("ratelimit"), '"failures";r=59;t=1');
      const answers = await Promise.all(times(200, 0).map(() => ask(byNothing, "/api/v1/events", key, address)));
      assert.deepEqual(statuses(answers), new Set([401, 429]));
      const allowedCount = answers.filter(({ status }) => status === 401).length;
      assert(allowedCount >= 59 && allowedCount < 150, `${allowedCount} attempts were allowed`);
      const { calls } = await count('from "api_keys"');
      assert(calls <= 2, `${calls} lookups`);
    }
  });

  it("allow many concurrent requests with a key that was never looked up", async () => {
    const { key } = await createKey(db);
    const address = newAddress();
    const answers = await Promise.all(times(many, 0).map(() => ask(byNothing, "/api/v1/events", key, address)));
    assert.deepEqual(statuses(answers), new Set([200]));
  });

  it("ignore X-Forwarded-For of proxies that are not trusted", async () => {
    const environment = { DATABASE_URL: await createTestDatabase(), RATE_LIMIT_PER_ADDRESS: String(perSecond) };
    const gateway = await startGateway(environment);
    assert.deepEqual(statuses(await askOften(gateway, "/api/v1/events", undefined)), new Set([200, 429]));
  });

  it("are off with AUTH off, unless they are set", async () => {
    const other = await startGateway({ DATABASE_URL: await createTestDatabase() });
    const answer = await createApi(other.url).get("/api/v1/events");
    assert.deepEqual([answer.status, answer.headers.get("ratelimit")], [200, null]);
  });

  it("keep a limited number of addresses, and among them the busy ones", () => {
    const bucketOf = createAddressBuckets(ratePolicy("address", 10, 1));
    const busy = bucketOf("192.0.2.1", 0);
    for (let n = 0; n < 100_000; n++) {
      bucketOf(`2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1`, 0);
      if (n % 1_000 === 0) assert.equal(bucketOf("192.0.2.1", 0), busy);
    }
    assert.equal(bucketOf("192.0.2.1", 0), busy);
    const dropped = bucketOf("2001:db8:0:1::1", 0);
    assert.equal(bucketOf("2001:db8:0:1:ffff::1", 0), dropped);
  });

  /** One value of the gateway's metrics, read with an admin key. */
  async function readMetricAs(key: string, line: string): Promise<number> {
    const text = await (await fetch(`${byKey.url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text();
    return Number(
      text
        .split("\n")
        .find((candidate) => candidate.startsWith(`${line} `))
        ?.split(" ")[1] ?? 0,
    );
  }
});
