// Waiting lists, with the statements of the worker and the gateway but without their processes.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { findOffersDue } from "@onsale/database/statements/waiting-list/read-waiting";
import { summariseWaiting } from "@onsale/database/statements/waiting-list/summarise-waiting";
import { changeOrders } from "@onsale/database/transitions/apply-transitions";
import { bucketOf } from "@onsale/domain/bucket";
import { createWaitlistPlaces } from "@onsale/gateway/results/waitlist-places";
import { makeOffers } from "@onsale/worker/offers";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, type PlacedOrder, placeOrders } from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { assertSound, decideAll, readOrders } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { basketOf, createWaitlist, standard, terms, type Waitlist } from "../../support/database/waitlist.ts";

describe("a waiting list", () => {
  let db: Db;
  let waitlist: Waitlist;
  before(async () => {
    db = connect(await createTestDatabase());
    waitlist = createWaitlist(db);
  });

  it("tells each order its place, which is counted once for all of them, and an estimate once offers were made", async () => {
    const { event, holders, orders } = await waitlist.sellOut({ STANDARD: 2 }, [
      { terms },
      { terms },
      { terms },
      { terms },
    ]);
    const places = createWaitlistPlaces(db);
    const placesOf = (own: readonly PlacedOrder[]) =>
      Promise.all(own.map(({ seq }) => places.placeOf({ eventId: event.id, seq })));
    assert.deepEqual(
      await placesOf(orders),
      [1, 2, 3, 4].map((position) => ({ position, estimatedSeconds: null })),
    );
    await waitlist.cancel(holders[0], standard(2));
    await waitlist.settle(event);
    assert.deepEqual((await waitlist.statusesOf(event)).slice(1), ["HELD", "HELD", "WAITING", "WAITING"]);
    // Two offers in ten minutes.
    assert.deepEqual(await createWaitlistPlaces(db).placeOf({ eventId: event.id, seq: orders[3]?.seq ?? 0 }), {
      position: 2,
      estimatedSeconds: 600,
    });
    // An order that is not on the list that was read last.
    const [late] = await placeOrders(db, event, [{ terms }]);
    await decideAll(db, event.id);
    assert.equal((await places.placeOf({ eventId: event.id, seq: late?.seq ?? 0 }))?.position, 3);
    await assertSound(db, event);
  });

  it("offers a ticket that lapsed to the next, and what a raised total adds", async () => {
    const { event, holders, orders } = await waitlist.sellOut({ STANDARD: 1 }, [{ terms }, { terms }, { terms }]);
    await waitlist.cancel(holders[0]);
    await waitlist.settle(event);
    assert.deepEqual((await waitlist.statusesOf(event)).slice(1), ["HELD", "WAITING", "WAITING"]);
    await expireHold(db, orders[0]?.id ?? "");
    await waitlist.settle(event);
    assert.deepEqual((await waitlist.statusesOf(event)).slice(1), ["EXPIRED", "HELD", "WAITING"]);
    assert.equal((await summariseWaiting(db)).oldestDueAgeSeconds, 0);
    await assertSound(db, event);
  });

  it("that is strict goes on when the one who blocks it leaves, or asks for less", async () => {
    for (const items of [null, standard(2)]) {
      const rest = [{ quantity: 5, terms }, { terms }];
      const { event, holders, orders } = await waitlist.sellOut({ STANDARD: 5 }, rest, { waitlistPolicy: "strict" });
      await waitlist.cancel(holders[0], standard(3));
      await waitlist.settle(event);
      assert.deepEqual((await waitlist.statusesOf(event)).slice(1), ["WAITING", "WAITING"]);
      await waitlist.cancel(orders[0], items);
      assert.deepEqual(await findOffersDue(db), []);
      await waitlist.settle(event);
      const after = items === null ? ["CANCELLED", "HELD"] : ["HELD", "WAITING"];
      assert.deepEqual((await waitlist.statusesOf(event)).slice(1), after);
      await assertSound(db, event);
    }
  });

  it("that is strict lets nobody pass a basket or a pool that is short", async () => {
    const event = await createTestEvent(db, { ADULT: 5, CHILD: 5, OUTSIDE: 5 }, await createAccount(db));
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    const pools = [
      { name: "FIRE", total: 10 },
      { name: "HALL", total: 5 },
    ];
    const ticketTypes = [
      { ticketType: "ADULT", pools: ["HALL"] },
      { ticketType: "CHILD", pools: ["HALL", "FIRE"] },
      { ticketType: "OUTSIDE", pools: ["FIRE"] },
    ];
    await db.transaction().execute((tx) => changeRules(tx, owner, { waitlistPolicy: "strict", pools, ticketTypes }));
    const [adults] = await placeOrders(db, event, [
      { ticketType: "ADULT", quantity: 5 },
      { ticketType: "OUTSIDE", quantity: 5 },
      { ticketType: "ADULT", quantity: 3, terms },
      { ticketType: "CHILD", quantity: 1, terms },
      { ticketType: "OUTSIDE", quantity: 1, terms },
    ]);
    await decideAll(db, event.id);
    await waitlist.cancel(adults, [{ ticketType: "ADULT", quantity: 2 }]);
    await waitlist.settle(event);
    // ADULT lacks one. It blocks HALL for CHILD, which therefore blocks FIRE for OUTSIDE.
    assert.deepEqual((await waitlist.statusesOf(event)).slice(2), ["WAITING", "WAITING", "WAITING"]);
    await assertSound(db, event);
  });

  it("shortens a basket that waits, by some tickets and by a whole type", async () => {
    const lines = [
      { ticketType: "STANDARD", quantity: 2 },
      { ticketType: "VIP", quantity: 1 },
    ];
    const { event, holders, orders } = await waitlist.sellOut({ STANDARD: 2, VIP: 1 }, [basketOf(lines), { terms }]);
    await waitlist.cancel(orders[0], [{ ticketType: "STANDARD", quantity: 1 }]);
    await waitlist.cancel(orders[0], [{ ticketType: "VIP", quantity: 1 }]);
    await waitlist.settle(event);
    await waitlist.cancel(holders[0], standard(1));
    await waitlist.settle(event);
    const [, , basket, next] = await readOrders(db, event);
    assert.deepEqual([basket?.status, basket?.items, next?.status], ["HELD", standard(1), "WAITING"]);
    await assertSound(db, event);
  });

  it("offers an order what it still waits for when a part of it is cancelled at the same moment", async () => {
    const { event, holders, orders } = await waitlist.sellOut({ STANDARD: 3 }, [{ quantity: 3, terms }]);
    await waitlist.cancel(holders[0]);
    await applyReturns(db, [bucketOf(event.id)]);
    const [{ accountId, id: orderId }] = [orders[0] ?? assert.fail()];
    const wish = { kind: "cancel", items: standard(2), reason: null } as const;
    const { tx, commit } = await openTransaction(db);
    await changeOrders(tx, [{ accountId, orderId, actor: "test", wish, key: null, matches: () => true }]);
    const offering = makeOffers(db, event.id).catch(classify);
    await untilBlocked(db);
    await commit();
    assert.equal(await offering, "stock-changed");
    await waitlist.settle(event);
    const [, order] = await readOrders(db, event);
    assert.deepEqual([order?.status, order?.items], ["HELD", standard(1)]);
    await waitlist.cancel(orders[0]);
    await waitlist.settle(event);
    await assertSound(db, event);
  });
});
