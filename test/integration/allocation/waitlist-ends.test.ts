// The end of a sale, for orders that wait.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { readHistory } from "@onsale/database/statements/transitions/read-history";
import { findOffersDue } from "@onsale/database/statements/waiting-list/read-waiting";
import { endWaiting } from "@onsale/database/transitions/end-waiting";
import { bucketOf } from "@onsale/domain/bucket";
import { makeOffers } from "@onsale/worker/offers";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { placeOrders } from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { assertSound, decideAll, readOrders } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { basketOf, createWaitlist, terms, type Waitlist } from "../../support/database/waitlist.ts";
import { deliveriesOf } from "../../support/webhooks/delivered-bodies.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

describe("a waiting list whose sale ends", () => {
  let db: Db;
  let waitlist: Waitlist;
  before(async () => {
    db = connect(await createTestDatabase());
    waitlist = createWaitlist(db);
  });

  it("ends with the event's sale: each order is cancelled once, also one that began to wait after that", async () => {
    const rest = [{ terms }, { terms }, { terms }];
    const { event, holders, orders } = await waitlist.sellOut({ STANDARD: 1 }, rest);
    await waitlist.cancel(holders[0]);
    await waitlist.settle(event);
    assert.equal(await endWaiting(db), null);
    await db.updateTable("events").set({ sales_end: sql`now()` }).where("id", "=", event.id).execute();
    const endpoint = await createEndpoint(db, { accountId: event.accountId, types: ["order.cancelled"] });
    const both = await Promise.all([endWaiting(db), endWaiting(db)]);
    assert.deepEqual(
      both.flatMap((ended) => ended?.orderIds ?? []).sort(),
      orders.slice(1).map(({ id }) => id),
    );
    await placeOrders(db, event, [{ terms }]);
    await decideAll(db, event.id);
    await endWaiting(db);
    assert.equal(await endWaiting(db), null);
    // Who holds an offer keeps it.
    const after = ["CANCELLED", "HELD", "CANCELLED", "CANCELLED", "CANCELLED"];
    assert.deepEqual(await waitlist.statusesOf(event), after);
    const history = await readHistory(db, orders[1]?.id ?? "");
    assert.deepEqual(
      history.map(({ from, to, actor, reason }) => [from, to, actor, reason]),
      [
        ["PENDING", "WAITING", "onsale", null],
        ["WAITING", "CANCELLED", "onsale", "sale-ended"],
      ],
    );
    assert.equal((await deliveriesOf(db, endpoint)).length, 3);
    await waitlist.settle(event);
    await assertSound(db, event);
  });

  it("keeps an order that is offered tickets while its sale ends", async () => {
    const { event, holders } = await waitlist.sellOut({ STANDARD: 1 }, [{ terms }]);
    await waitlist.cancel(holders[0]);
    await applyReturns(db, [bucketOf(event.id)]);
    const { tx, commit } = await openTransaction(db);
    assert.equal(await makeOffers(tx, event.id), 1);
    await db.updateTable("events").set({ sales_end: sql`now()` }).where("id", "=", event.id).execute();
    const ending = endWaiting(db);
    // An order alone is waited for.
    await untilBlocked(db);
    await commit();
    assert.deepEqual((await ending)?.orderIds, []);
    assert.deepEqual(await waitlist.statusesOf(event), ["CANCELLED", "HELD"]);
    await assertSound(db, event);
  });

  it("is offered nothing once its sale has ended, although nobody has cancelled it yet", async () => {
    const { event, holders } = await waitlist.sellOut({ STANDARD: 2, VIP: 1 }, [
      { terms },
      { ticketType: "VIP", terms },
    ]);
    await waitlist.cancel(holders[0]);
    await applyReturns(db, [bucketOf(event.id)]);
    assert((await findOffersDue(db)).includes(event.id));
    await sql`UPDATE inventory SET sales_end = now() WHERE event_id = ${event.id} AND ticket_type = 'VIP'`.execute(db);
    await waitlist.settle(event);
    assert.deepEqual((await waitlist.statusesOf(event)).slice(2), ["HELD", "WAITING"]);
    await waitlist.cancel(holders[1]);
    await placeOrders(db, event, [{ terms }, { quantity: 2, terms }]);
    await applyReturns(db, [bucketOf(event.id)]);
    await decideAll(db, event.id);
    await db.updateTable("events").set({ sales_end: sql`now()` }).where("id", "=", event.id).execute();
    const [held] = (await readOrders(db, event)).filter(({ status }) => status === "HELD");
    assert(held);
    await expireHold(db, held.id);
    await applyReturns(db, [bucketOf(event.id)]);
    assert(!(await findOffersDue(db)).includes(event.id));
    assert.equal(await makeOffers(db, event.id), null);
    // Who bought before the end is decided all the same.
    await placeOrders(db, event, [{}]);
    await decideAll(db, event.id);
    assert.equal((await waitlist.statusesOf(event)).at(-1), "CONFIRMED");
    await endWaiting(db);
    await waitlist.settle(event);
    await assertSound(db, event);
  });

  it("ends with the sale of a ticket type, for its orders and for baskets with it", async () => {
    const both = basketOf([
      { ticketType: "STANDARD", quantity: 1 },
      { ticketType: "VIP", quantity: 1 },
    ]);
    const rest = [{ ticketType: "VIP", terms }, { terms }, both];
    const { event } = await waitlist.sellOut({ STANDARD: 1, VIP: 1 }, rest);
    await sql`UPDATE inventory SET sales_end = now() WHERE event_id = ${event.id} AND ticket_type = 'VIP'`.execute(db);
    assert.equal((await endWaiting(db))?.orderIds.length, 2);
    assert.deepEqual((await waitlist.statusesOf(event)).slice(2), ["CANCELLED", "WAITING", "CANCELLED"]);
    await waitlist.settle(event);
    assert.equal(await endWaiting(db), null);
    await assertSound(db, event);
  });
});
