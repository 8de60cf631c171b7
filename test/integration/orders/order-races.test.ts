// The races of docs/concepts.md, "The life of an order", each forced by transactions that a test keeps open.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { lockOrders } from "@onsale/database/statements/transitions/lock-orders";
import { recordLatePayments } from "@onsale/database/statements/transitions/record-payments";
import { writeTransitions } from "@onsale/database/statements/transitions/write-transitions";
import { planGroup, type Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { assertSound, decideAll, decideOnce } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";

const hold = { terms: { holdSeconds: 600 } } as const;
const confirm: Wish = { kind: "confirm", reference: "pay-1" };
const cancel: Wish = { kind: "cancel", items: null, reason: null };

describe("an order that two sides change at the same moment", () => {
  let db: Db;
  let url: string;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  const requestOf = ({ accountId }: TestEvent, orderId: string, wish: Wish) => {
    return { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
  };

  /** Another gateway: its own connection, and its own groups. */
  function gateway() {
    const transitions = createTransitions(connect(url), createMetrics(), () => undefined);
    return async (event: TestEvent, orderId: string, wish: Wish) => {
      const { outcome } = await transitions.submit(requestOf(event, orderId, wish));
      return outcome.kind === "refused" ? outcome.code : outcome.kind;
    };
  }

  /** What a gateway does in its transaction, before its commit. */
  async function changeIn(tx: Db, event: TestEvent, orderId: string, wish: Wish) {
    const { outcomes, transitions } = planGroup(await lockOrders(tx, [orderId]), [requestOf(event, orderId, wish)]);
    if (transitions.length > 0) await writeTransitions(tx, transitions);
    return outcomes[0]?.kind;
  }

  /** An event with one held order of all its tickets. */
  async function arrangeHold(total = 2) {
    const event = await createTestEvent(db, { STANDARD: total });
    const [order] = await placeOrders(db, event, [{ ...hold, quantity: total }]);
    assert(order);
    await decideAll(db, event.id);
    return { event, id: order.id, bucket: bucketOf(event.id) };
  }

  /** Ends the hold's time now; with `inMs` above 0, that long from now. */
  async function expireAt(id: string, inMs = 0): Promise<void> {
    const at = sql`clock_timestamp() + ${inMs}::float8 * interval '1 millisecond'`;
    await sql`UPDATE orders SET expires_at = ${at} WHERE id = ${id}::uuid`.execute(db);
    await sql`UPDATE holds SET expires_at = (SELECT expires_at FROM orders WHERE id = order_id)
              WHERE order_id = ${id}::uuid`.execute(db);
  }

  const statusOf = async (id: string) => (await getOrders(db, [id]))[0]?.status;
  const availableOf = async ({ id }: TestEvent) => (await getInventory(db, id))[0]?.available;

  it("stays confirmed when its hold expires while the confirmation is being committed", async () => {
    const { event, id, bucket } = await arrangeHold();
    await expireAt(id, 300);
    const { tx, commit } = await openTransaction(db);
    assert.equal(await changeIn(tx, event, id, confirm), "changed");
    await sql`SELECT pg_sleep(0.4)`.execute(db);
    assert.equal((await applyReturns(db, [bucket])).expiredCount, 0);
    await commit();
    assert.equal((await applyReturns(db, [bucket])).expiredCount, 0);
    assert.deepEqual([await statusOf(id), await availableOf(event)], ["CONFIRMED", 0]);
    await assertSound(db, event);
  });

  it("is confirmed late when its expiry is committed first", async () => {
    const { event, id, bucket } = await arrangeHold();
    await expireAt(id);
    const { tx, commit } = await openTransaction(db);
    assert.equal((await applyReturns(tx, [bucket])).expiredCount, 1);
    const confirming = gateway()(event, id, confirm);
    await untilBlocked(db);
    await commit();
    assert.equal(await confirming, "late");
    await decideAll(db, event.id);
    assert.deepEqual([await statusOf(id), await availableOf(event)], ["CONFIRMED", 0]);
    await assertSound(db, event);
  });

  it("gives its tickets back once when two gateways cancel it", async () => {
    const { event, id, bucket } = await arrangeHold();
    const { tx, commit } = await openTransaction(db);
    assert.equal(await changeIn(tx, event, id, cancel), "changed");
    const other = gateway()(event, id, cancel);
    await untilBlocked(db);
    await commit();
    assert.equal(await other, "unchanged");
    assert.equal((await applyReturns(db, [bucket])).ticketCount, 2);
    assert.equal((await applyReturns(db, [bucket])).ticketCount, 0);
    await assertSound(db, event);
  });

  it("never gives back more than it has when partial cancellations overlap", async () => {
    const { event, id, bucket } = await arrangeHold(4);
    const three: Wish = { kind: "cancel", items: [{ ticketType: "STANDARD", quantity: 3 }], reason: null };
    const answers = await Promise.all([gateway(), gateway(), gateway()].map((submit) => submit(event, id, three)));
    assert.deepEqual(answers.sort(), ["changed", "items-exceed-order", "items-exceed-order"]);
    await applyReturns(db, [bucket]);
    assert.equal(await availableOf(event), 3);
    await assertSound(db, event);
  });

  it("that is held is found by a confirmation that began before the decision was committed", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const [order] = await placeOrders(db, event, [hold]);
    assert(order);
    const { tx, commit } = await openTransaction(db);
    await decideOnce(tx, event.id);
    const confirming = gateway()(event, order.id, confirm);
    await untilBlocked(db);
    await commit();
    assert.equal(await confirming, "changed");
    await assertSound(db, event);
  });

  it("is extended or expires, never both", async () => {
    const { event, id, bucket } = await arrangeHold();
    await expireAt(id, 300);
    const { tx, commit } = await openTransaction(db);
    assert.equal(await changeIn(tx, event, id, { kind: "extend", holdSeconds: 60 }), "changed");
    await sql`SELECT pg_sleep(0.4)`.execute(db);
    assert.equal((await applyReturns(db, [bucket])).expiredCount, 0);
    await commit();
    assert.equal((await applyReturns(db, [bucket])).expiredCount, 0);
    assert.equal(await statusOf(id), "HELD");
    await assertSound(db, event);
  });

  it("has a late payment whose place in the line is the moment when it came", async () => {
    const { event, id, bucket } = await arrangeHold();
    await expireAt(id);
    await applyReturns(db, [bucket]);
    // The payment has its number, but is not committed: what comes after it may not be decided before it.
    const { tx, commit } = await openTransaction(db);
    await lockOrders(tx, [id]);
    await recordLatePayments(tx, [
      { orderId: id, accountId: event.accountId, eventId: event.id, reference: "pay-1", actor: "test" },
    ]);
    const [later] = await placeOrders(db, event, [{ quantity: 2 }]);
    assert(later);
    assert((await readArrivalFloor(db)) < later.seq);
    assert.equal((await decideOnce(db, event.id)).kind, "none-decided");
    await commit();
    await decideAll(db, event.id);
    assert.deepEqual([await statusOf(id), await statusOf(later.id)], ["CONFIRMED", "REJECTED"]);
    await assertSound(db, event);
  });

  it("has a late payment that comes after the orders before it, even when there are more than a batch takes", async () => {
    const { event, id, bucket } = await arrangeHold();
    await expireAt(id);
    await applyReturns(db, [bucket]);
    const before = await placeOrders(db, event, times(7, { quantity: 1 }));
    assert.equal(await gateway()(event, id, confirm), "late");
    await decideAll(db, event.id, 3);
    assert.deepEqual(
      [await statusOf(before[0]?.id ?? ""), await statusOf(before[1]?.id ?? ""), await statusOf(id)],
      ["CONFIRMED", "CONFIRMED", "EXPIRED"],
    );
    await assertSound(db, event);
  });

  it("that came back goes to the first in line, not to a later one", async () => {
    const { event, id, bucket } = await arrangeHold(1);
    const [first, second] = await placeOrders(db, event, [{}, {}]);
    assert(first && second);
    assert.equal(await gateway()(event, id, cancel), "changed");
    await applyReturns(db, [bucket]);
    await decideAll(db, event.id);
    assert.deepEqual([await statusOf(first.id), await statusOf(second.id)], ["CONFIRMED", "REJECTED"]);
    await assertSound(db, event);
  });

  it("has returns with their exact place among the decisions, however a batch and the returns wait for each other", async () => {
    const { event, id, bucket } = await arrangeHold(3);
    assert.equal(await gateway()(event, id, cancel), "changed");
    await placeOrders(db, event, [{}, {}]);
    const { tx, commit } = await openTransaction(db);
    await decideOnce(tx, event.id);
    const returning = applyReturns(connect(url), [bucket]);
    await untilBlocked(db);
    await commit();
    assert.equal((await returning).ticketCount, 3);
    await placeOrders(db, event, [{}]);
    await decideAll(db, event.id);
    await assertSound(db, event);
  });

  it("is not waited for by the others of its group for more than the lock's time-out", async () => {
    const { event, id } = await arrangeHold(1);
    const other = await arrangeHold(1);
    const { tx, rollback } = await openTransaction(db);
    await lockOrders(tx, [id]);
    const submit = gatewayWithTimeout();
    const refusal = submit(event, id, cancel).catch((error: unknown) => (error instanceof Error ? error.message : ""));
    assert.equal(await submit(other.event, other.id, cancel), "changed");
    assert.equal(await refusal, "Another request is changing this order. Try again.");
    await rollback();
    assert.equal(await submit(event, id, cancel), "changed");

    function gatewayWithTimeout() {
      const transitions = createTransitions(
        connect(url, 2, { lock_timeout: "100ms" }),
        createMetrics(),
        () => undefined,
      );
      return async (own: TestEvent, orderId: string, wish: Wish) => {
        return (await transitions.submit(requestOf(own, orderId, wish))).outcome.kind;
      };
    }
  });
});
