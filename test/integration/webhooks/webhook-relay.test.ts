import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { changeWebhook } from "@onsale/database/statements/webhooks/change-webhook";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { createEndpoint, disableEndpoint } from "../../support/webhooks/webhook-factories.ts";

const relay = (db: Db, countMax = 1_000) =>
  relayOutbox(db, countMax, 0, (type, order) => JSON.stringify({ type, id: order.id, status: order.status }));

describe("relaying the outbox", () => {
  let db: Db;
  let accountId: number;

  beforeEach(async () => {
    db = connect(await createTestDatabase());
    accountId = await createAccount(db);
  });

  const countOutbox = async () => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) FROM outbox`.execute(db);
    return rows[0]?.count;
  };

  /** The orders that an endpoint will be told of, in the order of telling. */
  const readDeliveries = async (endpointId: string) => {
    const { rows } = await sql<{ orderId: string; type: string; body: string; status: string }>`
      SELECT order_id AS "orderId", type, body, status FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId} ORDER BY seq`.execute(db);
    return rows;
  };
  const toldOf = async (endpointId: string) => (await readDeliveries(endpointId)).map((row) => row.orderId);

  /** So many decided orders, of which the last was rejected; returns their ids in arrival order. */
  async function sell(count: number, seller = accountId): Promise<string[]> {
    const event = await createTestEvent(db, { STANDARD: count - 1 }, seller);
    const orders = await placeOrders(db, event, times(count, {}));
    await decideAll(db, event.id, 7);
    return orders.map((order) => order.id);
  }

  it("tells an endpoint nothing that happened before it was registered, or while it was disabled", async () => {
    const always = await createEndpoint(db, { accountId });
    const disabled = await createEndpoint(db, { accountId });
    await disableEndpoint(db, disabled);
    const before = await sell(2);
    const late = await createEndpoint(db, { accountId });
    assert(await changeWebhook(db, accountId, disabled, { enabled: true }));
    const after = await sell(2);
    // Enabled already, it has missed nothing.
    assert(await changeWebhook(db, accountId, always, { enabled: true }));
    await relay(db);
    assert.deepEqual(await toldOf(always), [...before, ...after]);
    assert.deepEqual(await toldOf(disabled), after);
    assert.deepEqual(await toldOf(late), after);
  });

  it("makes deliveries due after the first pause of the schedule", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    await sell(2);
    await relayOutbox(db, 10, 60, () => "{}");
    const { rows } = await sql<{ seconds: number }>`
      SELECT extract(epoch FROM next_attempt_at - created_at)::float8 AS seconds FROM webhook_deliveries
      WHERE endpoint_id = ${endpoint}`.execute(db);
    assert.deepEqual(
      rows.map(({ seconds }) => Math.round(seconds)),
      [60, 60],
    );
  });

  it("makes one delivery for each fact and endpoint, in the order of the decisions, and empties the outbox", async () => {
    const first = await createEndpoint(db, { accountId });
    const second = await createEndpoint(db, { accountId });
    const rejections = await createEndpoint(db, { accountId, types: ["order.rejected"] });
    const ids = await sell(20);
    const relayed = await relay(db);
    assert.deepEqual([relayed.factCount, relayed.endpointIds.toSorted()], [20, [first, second, rejections].toSorted()]);
    assert.deepEqual(await toldOf(first), ids);
    assert.deepEqual(await toldOf(second), ids);
    assert.deepEqual(await toldOf(rejections), ids.slice(-1));
    assert.equal(await countOutbox(), 0);
    const [delivery] = await readDeliveries(rejections);
    const body = JSON.stringify({ type: "order.rejected", id: ids[19], status: "REJECTED" });
    assert.deepEqual(delivery, { orderId: ids[19], type: "order.rejected", body, status: "PENDING" });
  });

  it("finds nothing the second time", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    await sell(3);
    await relay(db);
    assert.deepEqual(await relay(db), { factCount: 0, endpointIds: [] });
    assert.equal((await toldOf(endpoint)).length, 3);
  });

  it("takes no more than it is asked to, the oldest first", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(10);
    assert.equal((await relay(db, 4)).factCount, 4);
    assert.deepEqual([await toldOf(endpoint), await countOutbox()], [ids.slice(0, 4), 6]);
    while ((await relay(db, 4)).factCount > 0);
    assert.deepEqual(await toldOf(endpoint), ids);
  });

  it("by many at once makes no delivery twice, loses none and keeps their order", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(60);
    while ((await countOutbox()) !== 0) await Promise.all(times(6, 0).map(() => relay(db, 7)));
    assert.deepEqual(await toldOf(endpoint), ids);
  });

  it("is left to the one that does it already", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(5);
    const { tx, rollback } = await openTransaction(db);
    await sql`SELECT FROM outbox FOR UPDATE`.execute(tx);
    const first = relay(db);
    await untilBlocked(db);
    assert.deepEqual(await relay(db), { factCount: 0, endpointIds: [] });
    await rollback();
    assert.equal((await first).factCount, 5);
    assert.deepEqual(await toldOf(endpoint), ids);
  });

  it("that dies before its commit leaves everything in the outbox, for the next one", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(5);
    const { tx, rollback } = await openTransaction(db);
    await sql`SELECT FROM outbox FOR UPDATE`.execute(tx);
    const dying = assert.rejects(relay(db));
    await untilBlocked(db);
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db);
    await dying;
    await rollback();
    assert.deepEqual([await countOutbox(), await toldOf(endpoint)], [5, []]);
    await relay(db);
    assert.deepEqual([await countOutbox(), await toldOf(endpoint)], [0, ids]);
  });

  it("follows what endpoints want now: disabled, changed and deleted ones get nothing that they do not want", async () => {
    const disabled = await createEndpoint(db, { accountId });
    const changed = await createEndpoint(db, { accountId });
    const moved = await createEndpoint(db, { accountId });
    const deleted = await createEndpoint(db, { accountId });
    const ids = await sell(5);
    const other = await createTestEvent(db, { STANDARD: 1 }, accountId);
    await disableEndpoint(db, disabled);
    await sql`UPDATE webhook_endpoints SET types = '{order.rejected}' WHERE id = ${changed}`.execute(db);
    await sql`UPDATE webhook_endpoints SET event_id = ${other.id} WHERE id = ${moved}`.execute(db);
    await sql`DELETE FROM webhook_endpoints WHERE id = ${deleted}`.execute(db);
    assert.deepEqual(await relay(db), { factCount: 5, endpointIds: [changed] });
    assert.deepEqual(await toldOf(changed), ids.slice(-1));
    for (const endpoint of [disabled, moved, deleted]) assert.deepEqual(await toldOf(endpoint), []);
    assert.equal(await countOutbox(), 0);
  });

  it("loses nothing for others when an endpoint is deleted at the same moment", async () => {
    const kept = await createEndpoint(db, { accountId });
    const deleted = await createEndpoint(db, { accountId });
    const ids = await sell(5);
    const { tx, commit } = await openTransaction(db);
    await sql`DELETE FROM webhook_endpoints WHERE id = ${deleted}`.execute(tx);
    const racing = relay(db).catch(() => undefined);
    await untilBlocked(db);
    await commit();
    await racing;
    await relay(db);
    assert.deepEqual([await toldOf(kept), await toldOf(deleted), await countOutbox()], [ids, [], 0]);
  });

  it("tells no account of another one's orders, also when both have some", async () => {
    const foreignAccountId = await createAccount(db);
    const own = await createEndpoint(db, { accountId });
    const foreign = await createEndpoint(db, { accountId: foreignAccountId });
    const ids = await sell(3);
    const foreignIds = await sell(4, foreignAccountId);
    assert.equal((await relay(db)).factCount, 7);
    assert.deepEqual([await toldOf(own), await toldOf(foreign)], [ids, foreignIds]);
  });
});
