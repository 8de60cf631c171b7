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
  relayOutbox(db, countMax, 0, ({ type, order }) => JSON.stringify({ type, id: order.id, status: order.status }));

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

  /** The deliveries of an endpoint, in the order in which they are sent. */
  const readDeliveries = async (endpointId: string) => {
    const { rows } = await sql<{ orderId: string; type: string; body: string; status: string }>`
      SELECT order_id AS "orderId", type, body, status FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId} ORDER BY seq`.execute(db);
    return rows;
  };
  const readOrderIds = async (endpointId: string) => (await readDeliveries(endpointId)).map((row) => row.orderId);

  /** Makes decided orders, of which the last one is rejected; returns their ids in arrival order. */
  async function sell(count: number, seller = accountId): Promise<string[]> {
    const event = await createTestEvent(db, { STANDARD: count - 1 }, seller);
    const orders = await placeOrders(db, event, times(count, {}));
    await decideAll(db, event.id, 7);
    return orders.map((order) => order.id);
  }

  it("makes no delivery of a fact from before the endpoint was registered, or while it was disabled", async () => {
    const always = await createEndpoint(db, { accountId });
    const disabled = await createEndpoint(db, { accountId });
    await disableEndpoint(db, disabled);
    const before = await sell(2);
    const late = await createEndpoint(db, { accountId });
    assert(await changeWebhook(db, accountId, disabled, { enabled: true }));
    const after = await sell(2);
    // Enabling an enabled endpoint changes nothing.
    assert(await changeWebhook(db, accountId, always, { enabled: true }));
    await relay(db);
    assert.deepEqual(await readOrderIds(always), [...before, ...after]);
    assert.deepEqual(await readOrderIds(disabled), after);
    assert.deepEqual(await readOrderIds(late), after);
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

  it("makes a delivery for each fact and endpoint, in the order of the decisions, and empties the outbox", async () => {
    const first = await createEndpoint(db, { accountId });
    const second = await createEndpoint(db, { accountId });
    const rejections = await createEndpoint(db, { accountId, types: ["order.rejected"] });
    const ids = await sell(20);
    const relayed = await relay(db);
    assert.deepEqual([relayed.factCount, relayed.endpointIds.toSorted()], [20, [first, second, rejections].toSorted()]);
    assert.deepEqual(await readOrderIds(first), ids);
    assert.deepEqual(await readOrderIds(second), ids);
    assert.deepEqual(await readOrderIds(rejections), ids.slice(-1));
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
    assert.equal((await readOrderIds(endpoint)).length, 3);
  });

  it("takes no more facts than it is asked to, the oldest first", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(10);
    assert.equal((await relay(db, 4)).factCount, 4);
    assert.deepEqual([await readOrderIds(endpoint), await countOutbox()], [ids.slice(0, 4), 6]);
    while ((await relay(db, 4)).factCount > 0);
    assert.deepEqual(await readOrderIds(endpoint), ids);
  });

  it("by several processes at once makes each delivery once and keeps their order", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(60);
    while ((await countOutbox()) !== 0) await Promise.all(times(6, 0).map(() => relay(db, 7)));
    assert.deepEqual(await readOrderIds(endpoint), ids);
  });

  it("does nothing while another process relays", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(5);
    const { tx, rollback } = await openTransaction(db);
    await sql`SELECT FROM outbox FOR UPDATE`.execute(tx);
    const first = relay(db);
    await untilBlocked(db);
    assert.deepEqual(await relay(db), { factCount: 0, endpointIds: [] });
    await rollback();
    assert.equal((await first).factCount, 5);
    assert.deepEqual(await readOrderIds(endpoint), ids);
  });

  it("that is aborted before its commit leaves all facts in the outbox, for the next run", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await sell(5);
    const { tx, rollback } = await openTransaction(db);
    await sql`SELECT FROM outbox FOR UPDATE`.execute(tx);
    const aborted = assert.rejects(relay(db));
    await untilBlocked(db);
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db);
    await aborted;
    await rollback();
    assert.deepEqual([await countOutbox(), await readOrderIds(endpoint)], [5, []]);
    await relay(db);
    assert.deepEqual([await countOutbox(), await readOrderIds(endpoint)], [0, ids]);
  });

  it("uses the current subscriptions of disabled, changed and deleted endpoints", async () => {
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
    assert.deepEqual(await readOrderIds(changed), ids.slice(-1));
    for (const endpoint of [disabled, moved, deleted]) assert.deepEqual(await readOrderIds(endpoint), []);
    assert.equal(await countOutbox(), 0);
  });

  it("loses no fact of other endpoints when one is deleted at the same time", async () => {
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
    assert.deepEqual([await readOrderIds(kept), await readOrderIds(deleted), await countOutbox()], [ids, [], 0]);
  });

  it("makes no delivery of another account's orders", async () => {
    const foreignAccountId = await createAccount(db);
    const own = await createEndpoint(db, { accountId });
    const foreign = await createEndpoint(db, { accountId: foreignAccountId });
    const ids = await sell(3);
    const foreignIds = await sell(4, foreignAccountId);
    assert.equal((await relay(db)).factCount, 7);
    assert.deepEqual([await readOrderIds(own), await readOrderIds(foreign)], [ids, foreignIds]);
  });
});
