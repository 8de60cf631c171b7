// What an endpoint has missed, from the orders to the deliveries, without a notifier.
import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { changeWebhook } from "@onsale/database/statements/webhooks/change-webhook";
import {
  parsePosition,
  type RedeliveryRequest,
  type RunStep,
  redeliverTime,
} from "@onsale/gateway/webhooks/redelivery";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

describe("what an endpoint has missed", () => {
  let db: Db;
  let accountId: number;

  beforeEach(async () => {
    db = connect(await createTestDatabase());
    accountId = await createAccount(db);
  });

  const onDb: RunStep = (step) => step(db);
  const setEnabled = (id: string, enabled: boolean) => changeWebhook(db, accountId, id, { enabled });
  const relay = () => relayOutbox(db, 1_000, 0, ({ type, order }) => JSON.stringify({ type, id: order.id }));
  const readClock = async () => {
    const { rows } = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(db);
    assert(rows[0]);
    return rows[0].now;
  };

  /** Makes decided orders of an event, of which the last one is rejected; returns their ids in arrival order. */
  async function sell(count: number, event?: Awaited<ReturnType<typeof createTestEvent>>): Promise<string[]> {
    const sold = event ?? (await createTestEvent(db, { STANDARD: count - 1 }, accountId));
    const orders = await placeOrders(db, sold, times(count, {}));
    await decideAll(db, sold.id, 7);
    return orders.map((order) => order.id);
  }

  async function redeliver(endpointId: string, part: Partial<RedeliveryRequest> = {}) {
    const time = { from: new Date(0), to: new Date("2999-01-01") };
    const what = { eventId: null, includeDelivered: false, includeMissed: true };
    const { nextCursor, ...done } = await redeliverTime(onDb, { accountId, endpointId, ...time, ...what, ...part });
    assert.equal(nextCursor, null);
    return done;
  }

  const readDeliveries = async (endpointId: string) => {
    const { rows } = await sql<{ orderId: string; type: string; body: string; status: string }>`
      SELECT order_id AS "orderId", type, body, status FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId} ORDER BY seq`.execute(db);
    return rows;
  };
  const readOrderIds = async (endpointId: string) => (await readDeliveries(endpointId)).map((row) => row.orderId);

  it("while it was disabled is created on request, once, in the order of the decisions, and due at once", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const before = await sell(3);
    await relay();
    await setEnabled(endpoint, false);
    const missed = await sell(20);
    await setEnabled(endpoint, true);
    const after = await sell(2);
    await relay();
    assert.deepEqual(await readOrderIds(endpoint), [...before, ...after]);
    assert.deepEqual(await redeliver(endpoint), { count: 0, created: 20 });
    assert.deepEqual(await readOrderIds(endpoint), [...before, ...after, ...missed]);
    const last = (await readDeliveries(endpoint)).at(-1);
    assert.deepEqual([last?.type, last?.status], ["order.rejected", "PENDING"]);
    const { rows } = await sql<{ decidedAt: Date }>`
      SELECT decided_at AS "decidedAt" FROM orders WHERE id = ${missed.at(-1)}`.execute(db);
    const body = JSON.parse(last?.body ?? "");
    assert.deepEqual(
      [body.type, body.timestamp, body.data.order.id, body.data.order.status],
      ["order.rejected", rows[0]?.decidedAt.toISOString(), missed.at(-1), "REJECTED"],
    );
    assert.deepEqual(await redeliver(endpoint), { count: 0, created: 0 });
  });

  it("is not created without includeMissed", async () => {
    await sell(3);
    const endpoint = await createEndpoint(db, { accountId });
    assert.deepEqual(await redeliver(endpoint, { includeMissed: false }), { count: 0, created: 0 });
    assert.deepEqual(await readOrderIds(endpoint), []);
  });

  it("is only what it subscribes to: its types, its event, its account", async () => {
    const event = await createTestEvent(db, { STANDARD: 4 }, accountId);
    const ids = await sell(5, event);
    const foreignAccountId = await createAccount(db);
    await sell(3, await createTestEvent(db, { STANDARD: 2 }, foreignAccountId));
    const others = await sell(3);
    const rejections = await createEndpoint(db, { accountId, types: ["order.rejected"] });
    const ofEvent = await createEndpoint(db, { accountId, eventId: event.id });
    assert.equal((await redeliver(rejections)).created, 2);
    assert.deepEqual(await readOrderIds(rejections), [...ids.slice(-1), ...others.slice(-1)]);
    assert.equal((await redeliver(ofEvent, { eventId: event.id })).created, 5);
    assert.deepEqual(await readOrderIds(ofEvent), ids);
  });

  it("is only what happened in the time: from its beginning, and before its end", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 }, accountId);
    await sell(5, event);
    const from = await readClock();
    const ids = await sell(6, event);
    const { rows } = await sql<{ at: Date }>`
      SELECT date_trunc('milliseconds', max(decided_at)) + interval '1 millisecond' AS at FROM orders`.execute(db);
    const to = rows[0]?.at ?? from;
    await sql`UPDATE orders SET decided_at = ${to} WHERE id = ANY(${await sell(4, event)}::uuid[])`.execute(db);
    const endpoint = await createEndpoint(db, { accountId });
    assert.equal((await redeliver(endpoint, { from, to })).created, 6);
    assert.deepEqual(await readOrderIds(endpoint), ids);
  });

  it("is left to the relay as long as that will still deliver it, and created when the relay will not", async () => {
    const always = await createEndpoint(db, { accountId });
    const disabled = await createEndpoint(db, { accountId });
    await setEnabled(disabled, false);
    const ids = await sell(4);
    await setEnabled(disabled, true);
    // The outbox has four rows, which the relay will deliver to the first endpoint only.
    assert.equal((await redeliver(always)).created, 0);
    assert.equal((await redeliver(disabled)).created, 4);
    await relay();
    assert.deepEqual([await readOrderIds(always), await readOrderIds(disabled)], [ids, ids]);
  });

  it("is created once by requests at the same time, also while the relay runs", async () => {
    await sell(30);
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(30);
    const done = await Promise.all([redeliver(endpoint), redeliver(endpoint), relay(), redeliver(endpoint)]);
    assert.equal(new Set(await readOrderIds(endpoint)).size, 60);
    assert.equal((await readOrderIds(endpoint)).length, 60, JSON.stringify(done));
    assert.equal(ids.length, 30);
  });

  it("of more orders than a request has time for is created by several, each with a cursor for the next", async () => {
    // One statement makes the orders, as copies of one.
    const [id = ""] = await sell(2);
    const event = await createTestEvent(db, { STANDARD: 1 }, accountId);
    const orderCount = 3_500;
    await sql`
      INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, version, status, strategy, created_at,
                          decided_at, fingerprint, idempotency_key)
      SELECT gen_random_uuid(), account_id, ${event.id}, ticket_type, quantity, version, status, strategy, created_at,
             created_at + n * interval '1 millisecond', fingerprint, 'copy-' || n
      FROM orders, generate_series(1, ${orderCount}::int) AS n WHERE id = ${id}`.execute(db);
    const endpoint = await createEndpoint(db, { accountId, eventId: event.id, types: ["order.confirmed"] });
    const request = {
      accountId,
      endpointId: endpoint,
      eventId: event.id,
      from: new Date(0),
      to: new Date("2999-01-01"),
      includeDelivered: false,
      includeMissed: true,
    };
    // Without any time, a request takes one step: the deliveries that there are, or 1,000 orders.
    const created: number[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const part = await redeliverTime(onDb, request, parsePosition(cursor), 0);
      created.push(part.created);
      cursor = part.nextCursor;
    }
    assert.deepEqual(created.slice(0, 5), [0, 1_000, 1_000, 1_000, 500]);
    assert.deepEqual(
      created.slice(5).filter((count) => count > 0),
      [],
    );
    assert.deepEqual(await redeliver(endpoint, request), { count: 0, created: 0 });
  });

  it("is not created for an endpoint that is deleted meanwhile", async () => {
    await sell(3);
    const endpoint = await createEndpoint(db, { accountId });
    const { tx, commit } = await openTransaction(db);
    await sql`DELETE FROM webhook_endpoints WHERE id = ${endpoint}`.execute(tx);
    const redelivering = redeliver(endpoint);
    await untilBlocked(db);
    await commit();
    assert.deepEqual(await redelivering, { count: 0, created: 0 });
  });
});
