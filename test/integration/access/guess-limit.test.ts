// Nobody finds an access code by trying, whichever request names the codes, and nobody who has one is kept out.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { CreatedAccessCode } from "@onsale/contracts/access-code";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Answer, type Api, createApi, newKey } from "../../support/http/api.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { startGateway } from "../../support/services/services.ts";

/** How many unknown codes an address and a key may name; a few more while the requests are under way. */
const addressQuota = 20;
const keyQuota = 600;

describe("unknown access codes", () => {
  /** A client of a gateway without keys, and one with a key. */
  let open: Api;
  let shop: Api;
  let reader: Api;

  before(async () => {
    const CUSTOMER_KEY = randomBytes(32).toString("base64");
    const databaseUrl = await createTestDatabase();
    const environment = { DATABASE_URL: databaseUrl, CUSTOMER_KEY, TRUST_PROXY: "loopback" };
    const [off, keys] = await Promise.all([startGateway(environment), startGateway({ ...environment, AUTH: "keys" })]);
    const db = connect(databaseUrl);
    open = createApi(off.url);
    shop = createApi(keys.url, (await createKey(db)).key);
    reader = createApi(keys.url, (await createKey(db, { scopes: ["orders:read", "inventory:write"] })).key);
  });

  async function createSale(api: Api): Promise<Readonly<{ event: string; code: string }>> {
    const event = await api.createEvent({ STANDARD: 1_000 });
    await api.put(`/api/v1/inventory/${event}/FANCLUB`, { total: 1_000, visibility: "code" });
    const wish = { count: 1, ticketTypes: ["FANCLUB"], maxUses: 1_000 };
    const { body } = await api.post<CreatedAccessCode[]>(`/api/v1/events/${event}/access-codes`, wish);
    const [made] = body;
    assert(made);
    return { event, code: made.code };
  }

  let addressCount = 0;
  const newAddress = () => ({ "x-forwarded-for": `198.51.100.${addressCount++}` });
  const ways: Readonly<
    Record<string, (api: Api, event: string, code: string, from: object) => Promise<Answer<unknown>>>
  > = {
    "a purchase": (api, eventCode, accessCode, from) =>
      api.post(
        "/api/v1/orders/purchase",
        { eventCode, ticketType: "FANCLUB", quantity: 1, accessCode },
        { "idempotency-key": newKey(), ...from },
      ),
    "an event": (api, event, code, from) => api.get(`/api/v1/events/${event}?accessCode=${code}`, { ...from }),
    "its stock": (api, event, code, from) => api.get(`/api/v1/inventory/${event}?accessCode=${code}`, { ...from }),
  };
  const guessMany = (count: number, guess: (code: string) => Promise<Answer<unknown>>) =>
    Promise.all(Array.from({ length: count }, (_, index) => guess(`GUESS-${index}-X`)));
  const countOf = (answers: readonly Answer<unknown>[], status: number) =>
    answers.filter((answer) => answer.status === status).length;

  for (const [what, ask] of Object.entries(ways)) {
    it(`that ask for ${what} at the same time are limited, and right codes take nothing`, async () => {
      const { event, code } = await createSale(open);
      const from = newAddress();
      const right = await Promise.all(Array.from({ length: 100 }, () => ask(open, event, code, from)));
      assert.equal(right.filter(({ status }) => status === 200 || status === 202).length, 100);
      const wrong = await guessMany(300, (guess) => ask(open, event, guess, from));
      const unknownCount = countOf(wrong, 404);
      assert(unknownCount >= addressQuota && unknownCount <= addressQuota + 5, `${unknownCount} were looked up`);
      assert.equal(countOf(wrong, 429), 300 - unknownCount);
      assert((await ask(open, event, code, newAddress())).status < 300, "another address is not limited");
    });
  }

  it("are counted together, whatever they ask for", async () => {
    const { event } = await createSale(open);
    const from = newAddress();
    const answers = await Promise.all(
      Object.values(ways).map((ask) => guessMany(15, (guess) => ask(open, event, guess, from))),
    );
    assert(countOf(answers.flat(), 404) <= addressQuota + 5);
    assert(countOf(answers.flat(), 429) >= 20);
  });

  it("of a shop's buyers do not lock out its fan club, and are limited all the same", async () => {
    const { event, code } = await createSale(shop);
    const ask = (guess: string) => ways["its stock"]?.(shop, event, guess, newAddress()) ?? assert.fail();
    assert.equal(countOf(await guessMany(100, ask), 404), 100);
    assert.equal((await ask(code)).status, 200);
    const wrong = await guessMany(keyQuota + 200, ask);
    assert(countOf(wrong, 429) > 0);
    assert.equal(countOf(wrong, 404) + countOf(wrong, 429), keyQuota + 200);
  });

  it("are not needed to see hidden ticket types, with a key that may change events", async () => {
    const { event } = await createSale(shop);
    for (const path of [`/api/v1/events/${event}`, `/api/v1/inventory/${event}`]) {
      const refused = await reader.get<{ code: string }>(`${path}?hidden=true`);
      assert.deepEqual([refused.status, refused.body.code], [403, "insufficient-scope"]);
      assert.match(refused.headers.get("www-authenticate") ?? "", /scope="events:write"$/);
      assert(!JSON.stringify((await reader.get(`${path}?hidden=false`)).body).includes("FANCLUB"));
      assert(JSON.stringify((await shop.get(`${path}?hidden=true`)).body).includes("FANCLUB"));
    }
  });
});
