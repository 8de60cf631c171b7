import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { listOrderDeliveries } from "@onsale/database/statements/deliveries/list-deliveries";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { findRecentEvents, nameEvents, searchEvents } from "@onsale/database/statements/events/find-events";
import { nameEndpoints, summariseWebhooks } from "@onsale/database/statements/webhooks/summarise-webhooks";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import {
  createDeliveries,
  createEndpoint,
  disableEndpoint,
  newAttempt,
} from "../../support/webhooks/webhook-factories.ts";

describe("events in the console", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  it("are found by any part of their code or name, in upper or lower case, in all accounts", async () => {
    const other = await createAccount(db);
    const mine = await createTestEvent(db, { VIP: 1 });
    const theirs = await createTestEvent(db, { VIP: 1 }, other);
    await sql`UPDATE events SET code = 'Rock-100%_off', name = 'Loud' WHERE id = ${mine.id}`.execute(db);
    await sql`UPDATE events SET code = 'JAZZ', name = 'Soft rock-' WHERE id = ${theirs.id}`.execute(db);
    assert.deepEqual(await searchEvents(db, "ROCK-", 10), [mine.id, theirs.id]);
    assert.deepEqual(await searchEvents(db, "rock-", 1), [mine.id]);
    assert.deepEqual(await searchEvents(db, "0%_o", 10), [mine.id]);
    assert.deepEqual(await searchEvents(db, "%", 10), [mine.id]);
    assert.deepEqual(await searchEvents(db, "'; DROP TABLE events; --", 10), []);
    const names = await nameEvents(db, [mine.id, theirs.id, 999_999]);
    assert.deepEqual(
      names.map(({ id, code, accountId }) => [id, code, accountId]).sort(),
      [
        [mine.id, "Rock-100%_off", mine.accountId],
        [theirs.id, "JAZZ", other],
      ].sort(),
    );
  });

  it("begin with those that are sold at present, then come the newest", async () => {
    const events = [];
    for (let count = 0; count < 6; count++) events.push(await createTestEvent(db, { STANDARD: 10 }));
    const [quiet, busy] = [events[1], events[0]];
    assert(quiet !== undefined && busy !== undefined);
    await placeOrders(db, quiet, times(2, {}));
    await placeOrders(db, busy, times(5, {}));
    const newest = events.slice(2).map(({ id }) => id);
    const expected = [busy.id, quiet.id, ...newest.reverse().slice(0, 2)];
    assert.deepEqual(await findRecentEvents(db, 4), expected);
  });
});

describe("webhooks in the console", () => {
  it("have their origin and their state, without the path and query, which may be secret", async () => {
    const db = connect(await createTestDatabase());
    const accountId = await createAccount(db);
    const url = "https://shop.example.com:8443/hooks?token=secret";
    const [well, failing, disabled] = [
      await createEndpoint(db, { accountId, url }),
      await createEndpoint(db, { accountId }),
      await createEndpoint(db, { accountId }),
    ];
    const [delivery = ""] = await createDeliveries(db, failing, 3);
    await recordAttempt(db, newAttempt(delivery));
    await disableEndpoint(db, disabled);
    const summary = await summariseWebhooks(db);
    assert.deepEqual([summary.enabled, summary.failing, summary.disabled], [2, 1, 1]);
    assert.deepEqual(
      summary.endpoints.map(({ id, pending }) => [id, pending]),
      [
        [disabled, 0],
        [failing, 3],
        [well, 0],
      ],
    );
    assert.equal(summary.endpoints[2]?.origin, "https://shop.example.com:8443");
    assert.deepEqual(await nameEndpoints(db, [well]), [{ id: well, origin: "https://shop.example.com:8443" }]);
  });

  it("of an order are that order's only, with their attempts and whether their endpoint is enabled", async () => {
    const db = connect(await createTestDatabase());
    const event = await createTestEvent(db, { STANDARD: 10 });
    const [order, other] = await placeOrders(db, event, times(2, {}));
    assert(order !== undefined && other !== undefined);
    const endpoint = await createEndpoint(db, { accountId: event.accountId });
    const [first = "", second = "", third = ""] = await createDeliveries(db, endpoint, 3);
    for (const [delivery, orderId] of [
      [first, order.id],
      [second, other.id],
      [third, order.id],
    ]) {
      await sql`UPDATE webhook_deliveries SET order_id = ${orderId} WHERE id = ${delivery}`.execute(db);
    }
    await recordAttempt(db, newAttempt(first));
    await disableEndpoint(db, endpoint);
    const found = await listOrderDeliveries(db, order.id, 10);
    assert.deepEqual(
      found.map(({ id, endpointId, isEnabled, attempts }) => [id, endpointId, isEnabled, attempts.length]),
      [
        [third, endpoint, false, 0],
        [first, endpoint, false, 1],
      ],
    );
    assert.equal((await listOrderDeliveries(db, order.id, 1)).length, 1);
  });
});
