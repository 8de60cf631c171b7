import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount } from "../../support/database/factories.ts";
import { createApi } from "../../support/http/api.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { startGateway } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

const waitersMax = 4;

describe("the wait slots, with API keys", () => {
  it("are never all taken by one account, with however many keys", async () => {
    const databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl);
    const settings = { AUTH: "keys", WAITERS_MAX: String(waitersMax) };
    const { url } = await startGateway({ ...settings, DATABASE_URL: databaseUrl });

    /** A shop with its own account, and a pending order: no worker runs. */
    async function openShop() {
      const accountId = await createAccount(db);
      const keys = [(await createKey(db, { accountId })).key, (await createKey(db, { accountId })).key] as const;
      const apis = [createApi(url, keys[0]), createApi(url, keys[1])] as const;
      const eventCode = await apis[0].createEvent({ STANDARD: 10 });
      const { id } = (await apis[0].purchase({ eventCode })).body;
      const path = `/api/v1/orders/${id}`;
      const follow = (keyIndex: 0 | 1) =>
        openStream<Order>(`${url}${path}/stream`, { authorization: `Bearer ${keys[keyIndex]}` });
      return { apis, path, follow };
    }

    const busy = await openShop();
    const calm = await openShop();
    const streams = [await busy.follow(0), await busy.follow(1)];
    for (const [keyIndex, api] of busy.apis.entries()) {
      const refused = await busy.follow(keyIndex === 0 ? 0 : 1);
      assert.deepEqual([await refused.ended, refused.messages], ["ended", []]);
      const polled = await api.get<Order>(busy.path, { prefer: "wait=30" });
      assert.deepEqual([polled.status, polled.headers.get("preference-applied")], [200, null]);
    }

    streams.push(await calm.follow(0));
    const waited = await calm.apis[0].get<Order>(calm.path, { prefer: "wait=1" });
    assert.equal(waited.headers.get("preference-applied"), "wait=1");
    streams[0]?.leave();
    streams.push(
      await until("a slot is free again", async () => {
        const stream = await busy.follow(0);
        return (await stream.isServed()) ? stream : null;
      }),
    );
    for (const stream of streams) stream.leave();
  });
});
