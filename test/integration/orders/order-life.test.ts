import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { presentOrder } from "@onsale/contracts/present-order";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import type { NewOrder } from "@onsale/database/statements/orders/insert-orders";
import { readChanges, readHistory } from "@onsale/database/statements/transitions/read-history";
import type { Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent } from "../../support/database/factories.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";

const hold = { terms: { holdSeconds: 600 } } as const;

describe("the life of an order", () => {
  let db: Db;
  let submit: (event: TestEvent, orderId: string, wish: Wish) => Promise<string>;

  before(async () => {
    db = connect(await createTestDatabase());
    const transitions = createTransitions(db, createMetrics(), () => undefined);
    submit = async ({ accountId }, orderId, wish) => {
      const request = { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
      const { outcome } = await transitions.submit(request);
      return outcome.kind === "refused" ? outcome.code : outcome.kind;
    };
  });

  /** An event with decided orders, one for each part. */
  async function arrange(totals: Record<string, number>, parts: readonly Partial<NewOrder>[]) {
    const event = await createTestEvent(db, totals);
    const ids = (await placeOrders(db, event, parts)).map(({ id }) => id);
    await decideAll(db, event.id);
    return { event, ids: (index: number) => ids[index] ?? "" };
  }

  const statusOf = async (id: string) => (await getOrders(db, [id]))[0]?.status;
  const stockOf = async ({ id }: TestEvent) => {
    return (await getInventory(db, id)).map(({ sold, held, available }) => [sold, held, available]);
  };
  /** Lets the hold of an order expire now. */
  const expire = async (id: string) => {
    await sql`UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = ${id}::uuid`.execute(db);
    await sql`UPDATE holds SET expires_at = now() - interval '1 second' WHERE order_id = ${id}::uuid`.execute(db);
  };

  it("holds tickets until they are confirmed", async () => {
    const { event, ids } = await arrange({ STANDARD: 5 }, [{ ...hold, quantity: 2 }]);
    assert.deepEqual([await statusOf(ids(0)), await stockOf(event)], ["HELD", [[0, 2, 3]]]);
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-1" }), "changed");
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-1" }), "unchanged");
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: null }), "unchanged");
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-2" }), "already-confirmed");
    assert.deepEqual([await statusOf(ids(0)), await stockOf(event)], ["CONFIRMED", [[2, 0, 3]]]);
    await assertSound(db, event);
  });

  it("gives tickets back once, in whole or in part", async () => {
    const { event, ids } = await arrange({ STANDARD: 5 }, [{ ...hold, quantity: 2 }, { quantity: 3 }]);
    const one = [{ ticketType: "STANDARD", quantity: 1 }];
    assert.equal(await submit(event, ids(0), { kind: "cancel", items: one, reason: null }), "changed");
    assert.equal(await submit(event, ids(1), { kind: "cancel", items: null, reason: "rain" }), "changed");
    assert.equal(await submit(event, ids(1), { kind: "cancel", items: null, reason: null }), "unchanged");
    assert.deepEqual(await stockOf(event), [[0, 5, 0]]);
    await assertSound(db, event);
    await applyReturns(db, [bucketOf(event.id)]);
    await applyReturns(db, [bucketOf(event.id)]);
    assert.deepEqual(await stockOf(event), [[0, 1, 4]]);
    await assertSound(db, event);
    const history = (await readHistory(db, ids(1))).map(({ from, to, version, reason }) => [from, to, version, reason]);
    assert.deepEqual(history, [
      ["PENDING", "CONFIRMED", 2, null],
      ["CONFIRMED", "CANCELLED", 3, "rain"],
    ]);
  });

  it("expires, and is confirmed late while its tickets are there", async () => {
    const { event, ids } = await arrange({ STANDARD: 2 }, [{ ...hold, quantity: 2 }]);
    await expire(ids(0));
    assert.equal(await submit(event, ids(0), { kind: "cancel", items: null, reason: null }), "order-not-cancellable");
    assert.equal(await submit(event, ids(0), { kind: "extend", holdSeconds: 60 }), "hold-expired");
    const { expiredCount, ticketCount } = await applyReturns(db, [bucketOf(event.id)]);
    assert.deepEqual([expiredCount, ticketCount, await stockOf(event)], [1, 2, [[0, 0, 2]]]);
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-1" }), "late");
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-1" }), "undecided-payment");
    await decideAll(db, event.id);
    assert.deepEqual([await statusOf(ids(0)), await stockOf(event)], ["CONFIRMED", [[2, 0, 0]]]);
    await assertSound(db, event);
  });

  it("is refused late when its tickets are gone, once for each payment", async () => {
    const { event, ids } = await arrange({ STANDARD: 2 }, [{ ...hold, quantity: 2 }]);
    await expire(ids(0));
    await applyReturns(db, [bucketOf(event.id)]);
    await placeOrders(db, event, [{}]);
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-1" }), "late");
    await decideAll(db, event.id);
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-1" }), "hold-expired");
    assert.deepEqual([await statusOf(ids(0)), await stockOf(event)], ["EXPIRED", [[1, 0, 1]]]);
    await assertSound(db, event);
  });

  it("of a payment at the moment of expiry gets its own tickets back first", async () => {
    const { event, ids } = await arrange({ STANDARD: 2 }, [{ ...hold, quantity: 2 }]);
    await expire(ids(0));
    assert.equal(await submit(event, ids(0), { kind: "confirm", reference: "pay-1" }), "late");
    await decideAll(db, event.id);
    assert.deepEqual([await statusOf(ids(0)), await stockOf(event)], ["CONFIRMED", [[2, 0, 0]]]);
    await assertSound(db, event);
  });

  it("has several ticket types, all or none, or a part", async () => {
    const lines = [
      { ticketType: "STANDARD", quantity: 2 },
      { ticketType: "VIP", quantity: 2 },
    ];
    const basket = { ticketType: null, quantity: 4, terms: { lines } };
    const partial = { ...basket, terms: { lines, allowPartial: true, holdSeconds: 60 } } as const;
    const { event, ids } = await arrange({ STANDARD: 5, VIP: 3 }, [basket, basket, partial]);
    assert.deepEqual(await Promise.all([0, 1, 2].map((n) => statusOf(ids(n)))), ["CONFIRMED", "REJECTED", "HELD"]);
    const [, rejected, granted] = await Promise.all([0, 1, 2].map(async (n) => (await getOrders(db, [ids(n)]))[0]));
    assert.deepEqual(rejected?.shortage, [{ ticketType: "VIP", requested: 2, available: 1, counter: "VIP" }]);
    assert.deepEqual(granted?.items, [{ ticketType: "STANDARD", quantity: 2 }]);
    await assertSound(db, event);
  });

  it("of a rejected basket says which line was short, also when nothing was left of exactly one", async () => {
    const lines = [
      { ticketType: "STANDARD", quantity: 2 },
      { ticketType: "VIP", quantity: 1 },
    ];
    const { event, ids } = await arrange({ STANDARD: 5, VIP: 0 }, [
      { ticketType: null, quantity: 3, terms: { lines } },
    ]);
    const [rejected] = await getOrders(db, [ids(0)]);
    assert(rejected);
    const { status, reason } = presentOrder(rejected);
    const short = [{ ticketType: "VIP", requested: 1, available: 0, counter: "VIP" }];
    assert.deepEqual([status, reason?.code, reason?.lines], ["REJECTED", "sold-out", short]);
    await assertSound(db, event);
  });

  it("has an expiry while it is held and when it has expired, and none when it is confirmed or cancelled", async () => {
    const { event, ids } = await arrange({ STANDARD: 5 }, [hold, hold, hold]);
    await submit(event, ids(0), { kind: "confirm", reference: null });
    await submit(event, ids(1), { kind: "cancel", items: null, reason: null });
    const shown = async (id: string) => (await getOrders(db, [id])).map((row) => presentOrder(row).expiresAt !== null);
    assert.deepEqual(await Promise.all([0, 1, 2].map((n) => shown(ids(n)))), [[false], [false], [true]]);
    await expire(ids(2));
    await applyReturns(db, [bucketOf(event.id)]);
    assert.deepEqual([await statusOf(ids(2)), await shown(ids(2))], ["EXPIRED", [true]]);
  });

  it("is in the changes of its event, each transition once and in an order that does not change", async () => {
    const { event, ids } = await arrange({ STANDARD: 5 }, [hold, {}, { quantity: 9 }]);
    await submit(event, ids(1), { kind: "cancel", items: null, reason: null });
    await submit(event, ids(0), { kind: "confirm", reference: null });
    const read: string[] = [];
    for (let after = 0; ; ) {
      const { transitions, through } = await readChanges(db, event.id, after, 2);
      for (const { orderId, to } of transitions) read.push(`${[0, 1, 2].findIndex((n) => ids(n) === orderId)} ${to}`);
      if (transitions.length === 0) break;
      after = through;
    }
    assert.deepEqual(read, ["0 HELD", "1 CONFIRMED", "2 REJECTED", "1 CANCELLED", "0 CONFIRMED"]);
  });
});
