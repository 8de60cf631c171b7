import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { migrate } from "@onsale/database/migrate";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";
import { generateApiKey } from "@onsale/security/api-key";
import { connect } from "../../support/database/database.ts";
import { createAccount } from "../../support/database/factories.ts";
import { startOwnPostgres } from "../../support/database/servers/own-postgres.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startGateway } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const revocationMaxMs = 30_000;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

type Revocation = Readonly<{
  revokedAtMs: number;
  /** Whether the key was refused in time; resolves when it is known. */
  isRefused: Promise<boolean>;
  streamsEnded: Promise<readonly string[]>;
  ownersApi: Api;
  hasOwnersStreamEnded: () => boolean;
}>;

/** Revokes a key that has two streams and asks again and again; another key of the account has a stream, too. */
async function revokeBusyKey(db: Db, url: string): Promise<Revocation> {
  const [owner, guest] = [await createKey(db), await createKey(db, { scopes: ["orders:read", "orders:write"] })];
  const ownersApi = createApi(url, owner.key);
  const guestApi = createApi(url, guest.key);
  const eventCode = await ownersApi.createEvent({ STANDARD: 3 });
  const { id } = (await guestApi.purchase({ eventCode })).body;
  const streams = await Promise.all(
    [`orders/${id}`, `events/${eventCode}`].map((path) =>
      openStream(`${url}/api/v1/${path}/stream`, bearer(guest.key)),
    ),
  );
  const kept = await openStream(`${url}/api/v1/events/${eventCode}/stream`, bearer(owner.key));
  let hasKeptEnded = false;
  void kept.ended.then(() => {
    hasKeptEnded = true;
  });

  const revokedAtMs = performance.now();
  await revokeApiKey(db, guest.id);
  const isRefusedNow = async () => (await guestApi.get(`/api/v1/orders/${id}`)).status === 401;
  return {
    revokedAtMs,
    isRefused: untilTrue("the key is refused", isRefusedNow, revocationMaxMs).then(
      () => true,
      () => false,
    ),
    streamsEnded: Promise.all(streams.map(({ ended }) => ended)),
    ownersApi,
    hasOwnersStreamEnded: () => hasKeptEnded,
  };
}

describePipeline("API keys", (backend) => {
  let db: Db;
  let url: string;
  let revocation: Revocation;

  before(async () => {
    const { databaseUrl, gateways } = await startInstallation(backend, { settings: { AUTH: "keys" } });
    db = connect(databaseUrl);
    url = gateways[0]?.url ?? "";
    // A gateway keeps a known key for seconds; the other tests run in the meantime.
    revocation = await revokeBusyKey(db, url);
  });

  it("two accounts sell events with the same code, independently of each other", async () => {
    const accounts = [await createAccount(db), await createAccount(db)] as const;
    const one = createApi(url, (await createKey(db, { accountId: accounts[0] })).key);
    const two = createApi(url, (await createKey(db, { accountId: accounts[1] })).key);
    const eventCode = "SAME-CODE";
    await one.createEvent({ STANDARD: 3 }, eventCode);
    await two.createEvent({ STANDARD: 5 }, eventCode);
    const wanted = { eventCode, key: "same-key", waitSeconds: 15 };
    const first = await one.purchase({ ...wanted, quantity: 3 });
    const second = await two.purchase({ ...wanted, quantity: 4 });
    assert.deepEqual([first.body.status, second.body.status], ["CONFIRMED", "CONFIRMED"]);
    assert.notEqual(first.body.id, second.body.id);
    assert.equal((await two.get<Problem>(`/api/v1/orders/${first.body.id}`)).body.code, "order-not-found");
    assert.deepEqual(
      (await one.inventory(eventCode)).map(({ available }) => available),
      [0],
    );
    assert.deepEqual(
      (await two.inventory(eventCode)).map(({ available }) => available),
      [1],
    );
    await one.assertSound(eventCode);
    await two.assertSound(eventCode);
  });

  it("without the database a known key still works, an unknown one gets 503, and a missing one 401", async () => {
    const postgres = await startOwnPostgres();
    await migrate(postgres.url);
    const db = connect(postgres.url);
    const [known, unknown] = [await createKey(db), await createKey(db)];
    const gateway = await startGateway({ AUTH: "keys", DATABASE_URL: postgres.url });
    const api = createApi(gateway.url, known.key);
    const eventCode = await api.createEvent({ STANDARD: 3 });
    await api.inventory(eventCode);
    await db.destroy();

    await postgres.stop();
    const stream = await openStream(`${gateway.url}/api/v1/events/${eventCode}/stream`, bearer(known.key));
    stream.leave();
    const statusOf = async (headers: Record<string, string>) =>
      (await createApi(gateway.url).get<Problem>("/api/v1/events", headers)).body.code;
    assert.equal(await statusOf(bearer(unknown.key)), "dependency-unavailable");
    assert.equal(await statusOf(bearer(generateApiKey().key)), "dependency-unavailable");
    assert.equal(await statusOf({}), "unauthorized");

    await postgres.start();
    const unknownApi = createApi(gateway.url, unknown.key);
    await untilTrue("the key is accepted", async () => (await unknownApi.get("/api/v1/events")).status === 200);
  });

  it("a revoked key is refused within 30 s, however busy it is, and its streams end", async () => {
    assert(await revocation.isRefused, "the key is still accepted");
    assert.deepEqual(await revocation.streamsEnded, ["ended", "ended"]);
    assert(performance.now() - revocation.revokedAtMs < revocationMaxMs);
    assert(!revocation.hasOwnersStreamEnded());
    assert.equal((await revocation.ownersApi.get("/api/v1/events")).status, 200);
  });
});
