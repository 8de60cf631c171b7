// Waiting lists, with the statements of the worker and the gateway but without their processes.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { WebhookType } from "@onsale/contracts/webhook";
import { webhookBody } from "@onsale/contracts/webhook-body";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { changeRules, type RulesChange } from "@onsale/database/statements/rules/change-rules";
import { readHistory } from "@onsale/database/statements/transitions/read-history";
import { findOffersDue } from "@onsale/database/statements/waiting-list/read-waiting";
import { summariseWaiting } from "@onsale/database/statements/waiting-list/summarise-waiting";
import { applyTransitions, changeOrders } from "@onsale/database/transitions/apply-transitions";
import { endWaiting } from "@onsale/database/transitions/end-waiting";
import type { Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import type { Line } from "@onsale/domain/decide";
import { createWaitlistPlaces } from "@onsale/gateway/results/waitlist-places";
import { redeliverTime } from "@onsale/gateway/webhooks/redelivery";
import { createMetrics } from "@onsale/observability/metrics";
import { makeOffers, type Passes } from "@onsale/worker/offers";
import { startReturns } from "@onsale/worker/returns";
import { createTurns } from "@onsale/worker/turns";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createAccount,
  createTestEvent,
  type PlacedOrder,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { assertSound, decideAll, readOrders } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { untilTrue } from "../../support/until.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

const terms = { waitlist: true } as const;

describe("a waiting list", () => {
  let db: Db;
  before(async () => {
    db = connect(await createTestDatabase());
  });

  /** An event with rules whose tickets one order has; `rest` are the orders that wait, or get what is left. */
  async function sellOut(
    totals: Record<string, number>,
    rest: Parameters<typeof placeOrders>[2],
    part: RulesChange = {},
  ) {
    const event = await createTestEvent(db, totals, await createAccount(db));
    await db.transaction().execute((tx) => {
      return changeRules(
        tx,
        { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" },
        part,
      );
    });
    const all = Object.entries(totals).map(([ticketType, quantity]) => ({ ticketType, quantity }));
    const holders = await placeOrders(db, event, all);
    const orders = await placeOrders(db, event, rest);
    await decideAll(db, event.id);
    return { event, holders, orders };
  }
  const ask = ({ accountId, id: orderId }: PlacedOrder, wish: Wish) =>
    applyTransitions(db, [{ accountId, orderId, actor: "test", wish, key: null, matches: () => true }]);
  const cancel = (order: PlacedOrder | undefined, items: readonly Line[] | null = null) => {
    assert(order);
    return ask(order, { kind: "cancel", items, reason: null });
  };
  async function settle({ id }: TestEvent): Promise<void> {
    await applyReturns(db, [bucketOf(id)]);
    if ((await findOffersDue(db)).includes(id)) await makeOffers(db, id);
  }
  const statusesOf = async (event: TestEvent) => (await readOrders(db, event)).map(({ status }) => status);
  const standard = (quantity: number) => [{ ticketType: "STANDARD", quantity }];
  const basketOf = (lines: readonly Line[]) => {
    const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
    return { ticketType: null, quantity, terms: { ...terms, lines } };
  };

  it("tells each order its place, which is counted once for all of them, and an estimate once offers were made", async () => {
    const { event, holders, orders } = await sellOut({ STANDARD: 2 }, [{ terms }, { terms }, { terms }, { terms }]);
    const places = createWaitlistPlaces(db);
    const placesOf = (own: readonly PlacedOrder[]) =>
      Promise.all(own.map(({ seq }) => places.placeOf({ eventId: event.id, seq })));
    assert.deepEqual(
      await placesOf(orders),
      [1, 2, 3, 4].map((position) => ({ position, estimatedSeconds: null })),
    );
    await cancel(holders[0], standard(2));
    await settle(event);
    assert.deepEqual((await statusesOf(event)).slice(1), ["HELD", "HELD", "WAITING", "WAITING"]);
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
    const { event, holders, orders } = await sellOut({ STANDARD: 1 }, [{ terms }, { terms }, { terms }]);
    await cancel(holders[0]);
    await settle(event);
    assert.deepEqual((await statusesOf(event)).slice(1), ["HELD", "WAITING", "WAITING"]);
    await expireHold(db, orders[0]?.id ?? "");
    await settle(event);
    assert.deepEqual((await statusesOf(event)).slice(1), ["EXPIRED", "HELD", "WAITING"]);
    assert.equal((await summariseWaiting(db)).oldestDueAgeSeconds, 0);
    await assertSound(db, event);
  });

  it("that is strict goes on when the one who blocks it leaves, or asks for less", async () => {
    for (const items of [null, standard(2)]) {
      const rest = [{ quantity: 5, terms }, { terms }];
      const { event, holders, orders } = await sellOut({ STANDARD: 5 }, rest, { waitlistPolicy: "strict" });
      await cancel(holders[0], standard(3));
      await settle(event);
      assert.deepEqual((await statusesOf(event)).slice(1), ["WAITING", "WAITING"]);
      await cancel(orders[0], items);
      assert.deepEqual(await findOffersDue(db), []);
      await settle(event);
      const after = items === null ? ["CANCELLED", "HELD"] : ["HELD", "WAITING"];
      assert.deepEqual((await statusesOf(event)).slice(1), after);
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
    await cancel(adults, [{ ticketType: "ADULT", quantity: 2 }]);
    await settle(event);
    // ADULT lacks one. It blocks HALL for CHILD, which therefore blocks FIRE for OUTSIDE.
    assert.deepEqual((await statusesOf(event)).slice(2), ["WAITING", "WAITING", "WAITING"]);
    await assertSound(db, event);
  });

  it("shortens a basket that waits, by some tickets and by a whole type", async () => {
    const lines = [
      { ticketType: "STANDARD", quantity: 2 },
      { ticketType: "VIP", quantity: 1 },
    ];
    const { event, holders, orders } = await sellOut({ STANDARD: 2, VIP: 1 }, [basketOf(lines), { terms }]);
    await cancel(orders[0], [{ ticketType: "STANDARD", quantity: 1 }]);
    await cancel(orders[0], [{ ticketType: "VIP", quantity: 1 }]);
    await settle(event);
    await cancel(holders[0], standard(1));
    await settle(event);
    const [, , basket, next] = await readOrders(db, event);
    assert.deepEqual([basket?.status, basket?.items, next?.status], ["HELD", standard(1), "WAITING"]);
    await assertSound(db, event);
  });

  it("ends with the event's sale: each order is cancelled once, also one that began to wait after that", async () => {
    const rest = [{ terms }, { terms }, { terms }];
    const { event, holders, orders } = await sellOut({ STANDARD: 1 }, rest);
    await cancel(holders[0]);
    await settle(event);
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
    assert.deepEqual(await statusesOf(event), after);
    const history = await readHistory(db, orders[1]?.id ?? "");
    assert.deepEqual(
      history.map(({ from, to, actor, reason }) => [from, to, actor, reason]),
      [
        ["PENDING", "WAITING", "onsale", null],
        ["WAITING", "CANCELLED", "onsale", "sale-ended"],
      ],
    );
    assert.equal((await deliveriesOf(endpoint)).length, 3);
    await settle(event);
    await assertSound(db, event);
  });

  it("keeps an order that is offered tickets while its sale ends", async () => {
    const { event, holders } = await sellOut({ STANDARD: 1 }, [{ terms }]);
    await cancel(holders[0]);
    await applyReturns(db, [bucketOf(event.id)]);
    const { tx, commit } = await openTransaction(db);
    assert.equal(await makeOffers(tx, event.id), 1);
    await db.updateTable("events").set({ sales_end: sql`now()` }).where("id", "=", event.id).execute();
    const ending = endWaiting(db);
    // An order alone is waited for.
    await untilBlocked(db);
    await commit();
    assert.deepEqual((await ending)?.orderIds, []);
    assert.deepEqual(await statusesOf(event), ["CANCELLED", "HELD"]);
    await assertSound(db, event);
  });

  it("is offered nothing once its sale has ended, although nobody has cancelled it yet", async () => {
    const { event, holders } = await sellOut({ STANDARD: 2, VIP: 1 }, [{ terms }, { ticketType: "VIP", terms }]);
    await cancel(holders[0]);
    await applyReturns(db, [bucketOf(event.id)]);
    assert((await findOffersDue(db)).includes(event.id));
    await sql`UPDATE inventory SET sales_end = now() WHERE event_id = ${event.id} AND ticket_type = 'VIP'`.execute(db);
    await settle(event);
    assert.deepEqual((await statusesOf(event)).slice(2), ["HELD", "WAITING"]);
    await cancel(holders[1]);
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
    assert.equal((await statusesOf(event)).at(-1), "CONFIRMED");
    await endWaiting(db);
    await settle(event);
    await assertSound(db, event);
  });

  it("ends with the sale of a ticket type, for its orders and for baskets with it", async () => {
    const both = basketOf([
      { ticketType: "STANDARD", quantity: 1 },
      { ticketType: "VIP", quantity: 1 },
    ]);
    const rest = [{ ticketType: "VIP", terms }, { terms }, both];
    const { event } = await sellOut({ STANDARD: 1, VIP: 1 }, rest);
    await sql`UPDATE inventory SET sales_end = now() WHERE event_id = ${event.id} AND ticket_type = 'VIP'`.execute(db);
    assert.equal((await endWaiting(db))?.orderIds.length, 2);
    assert.deepEqual((await statusesOf(event)).slice(2), ["CANCELLED", "WAITING", "CANCELLED"]);
    await settle(event);
    assert.equal(await endWaiting(db), null);
    await assertSound(db, event);
  });

  it("offers an order what it still waits for when a part of it is cancelled at the same moment", async () => {
    const { event, holders, orders } = await sellOut({ STANDARD: 3 }, [{ quantity: 3, terms }]);
    await cancel(holders[0]);
    await applyReturns(db, [bucketOf(event.id)]);
    const [{ accountId, id: orderId }] = [orders[0] ?? assert.fail()];
    const wish = { kind: "cancel", items: standard(2), reason: null } as const;
    const { tx, commit } = await openTransaction(db);
    await changeOrders(tx, [{ accountId, orderId, actor: "test", wish, key: null, matches: () => true }]);
    const offering = makeOffers(db, event.id).catch(classify);
    await untilBlocked(db);
    await commit();
    assert.equal(await offering, "stock-changed");
    await settle(event);
    const [, order] = await readOrders(db, event);
    assert.deepEqual([order?.status, order?.items], ["HELD", standard(1)]);
    await cancel(orders[0]);
    await settle(event);
    await assertSound(db, event);
  });

  it("whose counters are wrong does not keep the tickets of other events", async () => {
    const broken = await sellOut({ STANDARD: 1 }, [{ terms }]);
    const sound = await sellOut({ STANDARD: 2 }, []);
    await cancel(broken.orders[0]);
    await cancel(sound.holders[0]);
    const setWaiting = (count: number) => {
      return sql`UPDATE inventory SET waiting = ${count} WHERE event_id = ${broken.event.id}`.execute(db);
    };
    await setWaiting(0);
    const failedIds = new Set<number>();
    const onError = () => undefined;
    const returns = startReturns(db, createTurns(), createMetrics(), onError, (eventId) => failedIds.add(eventId));
    atEnd(returns.close);
    await untilTrue("the tickets of the other event are back", async () => {
      return (await getInventory(db, sound.event.id))[0]?.available === 2;
    });
    assert.deepEqual([...failedIds], [broken.event.id]);
    await setWaiting(1);
    await untilTrue("so is what the first one had", async () => {
      const { rows } = await sql`SELECT FROM returns WHERE event_id = ${broken.event.id}`.execute(db);
      return rows.length === 0;
    });
    await returns.close();
    await assertSound(db, broken.event);
    await assertSound(db, sound.event);
  });

  describe("that is longer than what one transaction looks at", () => {
    const listLength = 2_100;
    const basket = basketOf([
      { ticketType: "STANDARD", quantity: 1 },
      { ticketType: "VIP", quantity: 2 },
    ]);
    const fitting = basketOf([
      { ticketType: "STANDARD", quantity: 1 },
      { ticketType: "VIP", quantity: 1 },
    ]);
    /** Many baskets that one VIP ticket does not fit, and then one that it does. */
    async function arrange() {
      const { event, holders, orders } = await sellOut({ STANDARD: 9, VIP: 4 }, [
        ...times(listLength, basket),
        fitting,
      ]);
      await cancel(holders[0], standard(5));
      await cancel(holders[1], vip(1));
      await applyReturns(db, [bucketOf(event.id)]);
      return { event, vipHolder: holders[1], first: orders[0], last: orders.at(-1) };
    }
    const vip = (quantity: number) => [{ ticketType: "VIP", quantity }];
    const isDue = async ({ id }: TestEvent) => (await findOffersDue(db)).includes(id);
    const statusOf = async (event: TestEvent, order: PlacedOrder | undefined) => {
      return (await readOrders(db, event)).find(({ id }) => id === order?.id)?.status;
    };

    it("is looked through in parts, also when the tickets of others come back between them", async () => {
      const { event, last } = await arrange();
      const passes: Passes = new Map();
      assert.equal(await makeOffers(db, event.id, passes), 0);
      assert.equal(await isDue(event), true);
      const [other] = await placeOrders(db, event, [{ ticketType: "STANDARD" }]);
      await cancel(other);
      await sql`UPDATE inventory SET version = version + 1, generation = (version + 1) >> 6
                WHERE event_id = ${event.id} AND ticket_type = 'event'`.execute(db);
      assert.equal(await makeOffers(db, event.id, passes), 1);
      assert.equal(await statusOf(event, last), "HELD");
      for (let part = 0; part < 2; part++) await makeOffers(db, event.id, passes);
      assert.deepEqual([await isDue(event), passes.size], [false, 0]);
      await decideAll(db, event.id);
      await assertSound(db, event);
    });

    it("offers the first in line what came back meanwhile, and not who is next in this part", async () => {
      const { event, vipHolder, first, last } = await arrange();
      await cancel(last);
      await applyReturns(db, [bucketOf(event.id)]);
      const passes: Passes = new Map();
      assert.equal(await makeOffers(db, event.id, passes), 0);
      await cancel(vipHolder, vip(1));
      await applyReturns(db, [bucketOf(event.id)]);
      assert.equal(await makeOffers(db, event.id, passes), 0);
      assert.equal(await isDue(event), true);
      assert.equal(await makeOffers(db, event.id, passes), 1);
      assert.equal(await statusOf(event, first), "HELD");
      await assertSound(db, event);
    });
  });

  it("is told to endpoints, and to those that have missed it", async () => {
    const { event, holders } = await sellOut({ STANDARD: 1 }, []);
    const types: WebhookType[] = ["order.waitlisted", "order.offered", "order.cancelled"];
    const live = await createEndpoint(db, { accountId: event.accountId, types });
    const [waiting] = await placeOrders(db, event, [{ terms: { ...terms, holdSeconds: 60 } }]);
    await decideAll(db, event.id);
    await cancel(holders[0]);
    await settle(event);
    await cancel(waiting);
    const facts = (await deliveriesOf(live)).map(({ type, data }) => {
      return [type, data.order.status, data.order.version, data.order.expiresAt === null];
    });
    assert.deepEqual(facts.filter(([, , version]) => version !== undefined).slice(0, 1), [
      ["order.waitlisted", "WAITING", 2, true],
    ]);
    assert.deepEqual(facts.slice(-2), [
      ["order.offered", "HELD", 3, false],
      ["order.cancelled", "CANCELLED", 4, true],
    ]);
    const missing = await createEndpoint(db, { accountId: event.accountId, types });
    await redeliverTime((step) => step(db), {
      accountId: event.accountId,
      endpointId: missing,
      eventId: null,
      from: new Date(0),
      to: new Date("2999-01-01"),
      includeDelivered: false,
      includeMissed: true,
    });
    const sorted = (bodies: readonly Body[]) => bodies.map(({ type, data }) => JSON.stringify([type, data])).sort();
    assert.deepEqual(sorted(await readBodies(missing)), sorted(await readBodies(live)));
  });

  type Body = { type: string; data: { order: { status: string; version: number; expiresAt: string | null } } };
  async function readBodies(endpoint: string): Promise<Body[]> {
    const { rows } = await sql<{ body: string }>`
      SELECT body FROM webhook_deliveries WHERE endpoint_id = ${endpoint} ORDER BY seq`.execute(db);
    return rows.map(({ body }) => JSON.parse(body));
  }
  async function deliveriesOf(endpoint: string): Promise<Body[]> {
    await relayOutbox(db, 1_000, 0, (fact) => webhookBody(fact.type, fact.happenedAt, fact.order, fact.detail));
    return readBodies(endpoint);
  }
});
