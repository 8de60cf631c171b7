// The webhooks of the whole life of an order, from its transitions to the bodies, without a notifier.
import { strict as assert } from "node:assert";
import { before, beforeEach, describe, it } from "node:test";
import { presentOrder } from "@onsale/contracts/present-order";
import type { WebhookPayload, WebhookType } from "@onsale/contracts/webhook";
import { webhookBody } from "@onsale/contracts/webhook-body";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { lockOrders } from "@onsale/database/statements/transitions/lock-orders";
import { writeTransitions } from "@onsale/database/statements/transitions/write-transitions";
import { changeWebhook } from "@onsale/database/statements/webhooks/change-webhook";
import { planGroup, type Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { redeliverTime } from "@onsale/gateway/webhooks/redelivery";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, placeOrders, type TestEvent } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

const price = { amount: 4_500, currency: "EUR" };
const lines = [
  { ticketType: "STANDARD", quantity: 2 },
  { ticketType: "VIP", quantity: 1 },
];
const prices = { STANDARD: price, VIP: { ...price, amount: 9_000 } };
const hold = { terms: { holdSeconds: 600, prices: { STANDARD: price } } } as const;
/** A hold that expires when it is made. */
const overAtOnce = { terms: { ...hold.terms, holdSeconds: 0 } } as const;
const basket = { ticketType: null, quantity: 3, terms: { lines, holdSeconds: 600, prices } } as const;
const confirm = (reference: string | null): Wish => ({ kind: "confirm", reference });
const cancel = (ticketType?: string): Wish => {
  const items = ticketType === undefined ? null : [{ ticketType, quantity: 1 }];
  return { kind: "cancel", items, reason: null };
};

type Data = WebhookPayload["data"];

describe("the webhooks of an order's life", () => {
  let db: Db;
  let accountId: number;
  let event: TestEvent;
  let submit: (orderId: string, wish: Wish) => Promise<string>;

  before(async () => {
    db = connect(await createTestDatabase());
    const transitions = createTransitions(db, createMetrics(), () => undefined);
    submit = async (orderId, wish) => (await transitions.submit(requestOf(orderId, wish))).outcome.kind;
  });

  beforeEach(async () => {
    accountId = await createAccount(db);
    event = await createTestEvent(db, { STANDARD: 5, VIP: 1 }, accountId);
  });

  const requestOf = (orderId: string, wish: Wish) => {
    return { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
  };

  async function place(part: Parameters<typeof placeOrders>[2] = [hold]): Promise<string> {
    await applyReturns(db, [bucketOf(event.id)]);
    const [order] = await placeOrders(db, event, part);
    await decideAll(db, event.id);
    return order?.id ?? "";
  }

  const applyExpiry = () => applyReturns(db, [bucketOf(event.id)]);

  const relay = () =>
    relayOutbox(db, 1_000, 0, ({ type, happenedAt, order, detail }) => webhookBody(type, happenedAt, order, detail));

  async function deliveriesOf(endpoint: string): Promise<WebhookPayload[]> {
    const { rows } = await sql<{ body: string }>`
      SELECT body FROM webhook_deliveries WHERE endpoint_id = ${endpoint} ORDER BY seq`.execute(db);
    return rows.map(({ body }) => JSON.parse(body));
  }

  /** Collects what the webhooks must say: the order as the API shows it after each step. */
  function createExpectation() {
    const expected: [WebhookType, Data][] = [];
    return {
      expected,
      expect: async (id: string, type: WebhookType, more: Data = {}) => {
        const [order] = await getOrders(db, [id]);
        assert(order);
        expected.push([type, { order: presentOrder(order), ...more }]);
      },
    };
  }

  /** Takes orders through all transitions that there are; returns the facts that endpoints must be told. */
  async function liveLives(): Promise<[WebhookType, Data][]> {
    const { expected, expect } = createExpectation();
    const paid = await place([basket]);
    await expect(paid, "order.held");
    await submit(paid, cancel("VIP"));
    await expect(paid, "order.cancelled", { cancelledItems: [{ ticketType: "VIP", quantity: 1 }] });
    assert.equal(await submit(paid, { kind: "extend", holdSeconds: 900 }), "changed");
    await submit(paid, confirm("pay-1"));
    await expect(paid, "order.confirmed");
    const one = [{ ticketType: "STANDARD", quantity: 1 }];
    for (const wish of [cancel("STANDARD"), cancel()]) {
      await submit(paid, wish);
      await expect(paid, "order.cancelled", { cancelledItems: one, refund: price });
    }
    // It was cancelled, so its payment is refunded already; another one is told once.
    for (const reference of ["pay-1", "pay-2", "pay-2", null]) await submit(paid, confirm(reference));
    await expect(paid, "order.refund_required", { paymentReference: "pay-2" });

    const late = await place([{ ...overAtOnce, quantity: 4 }]);
    await expect(late, "order.held");
    await applyExpiry();
    await expect(late, "order.expired");
    assert.equal(await submit(late, confirm("pay-3")), "late");
    await decideAll(db, event.id);
    await expect(late, "order.confirmed");

    const tooLate = await place([overAtOnce]);
    await expect(tooLate, "order.held");
    await applyExpiry();
    await expect(tooLate, "order.expired");
    // Confirmed without a payment's reference, which comes later: no fact, and the first one has none.
    const plain = await place([{}]);
    await expect(plain, "order.confirmed");
    assert.equal(await submit(plain, confirm("pay-4")), "changed");
    assert.equal(await submit(tooLate, confirm("pay-5")), "late");
    await decideAll(db, event.id);
    await expect(tooLate, "order.refund_required", { paymentReference: "pay-5" });
    const rejected = await place();
    await expect(rejected, "order.rejected");
    await submit(rejected, confirm("pay-6"));
    await expect(rejected, "order.refund_required", { paymentReference: "pay-6" });
    return expected;
  }

  const factsOf = (payloads: readonly WebhookPayload[]) =>
    payloads.map(({ type, data }): [string, Data] => [type, data]);
  const keyOf = ([type, { order, paymentReference }]: [string, Data]) =>
    [order?.id, order?.version, type, paymentReference].join(" ");
  const byKey = (facts: readonly [string, Data][]) => facts.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

  async function setEnabled(endpoint: string, enabled: boolean): Promise<void> {
    await changeWebhook(db, accountId, endpoint, { enabled });
  }

  const redeliver = (endpointId: string, time: Readonly<{ from: Date; to: Date }>) => {
    const what = { eventId: null, includeDelivered: false, includeMissed: true };
    return redeliverTime((step) => step(db), { accountId, endpointId, ...time, ...what });
  };
  const ever = { from: new Date(0), to: new Date("2999-01-01") };

  it("tell each transition once, with the order as it left it, however often it has changed since", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const expected = await liveLives();
    await relay();
    const deliveries = await deliveriesOf(endpoint);
    assert.deepEqual(factsOf(deliveries), expected);
    await relay();
    assert.equal((await deliveriesOf(endpoint)).length, expected.length);
  });

  it("are those of the types that an endpoint subscribes to, and no others are recorded", async () => {
    const endpoint = await createEndpoint(db, { accountId, types: ["order.expired", "order.refund_required"] });
    const expected = (await liveLives()).filter(([type]) => type === "order.expired" || type.endsWith("_required"));
    assert.equal((await relay()).factCount, expected.length);
    assert.deepEqual(factsOf(await deliveriesOf(endpoint)), expected);
  });

  it("are not sent of a transaction that was rolled back", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const id = await place();
    await relay();
    const { tx, rollback } = await openTransaction(db);
    const { transitions } = planGroup(await lockOrders(tx, [id]), [requestOf(id, cancel())]);
    await writeTransitions(tx, transitions);
    assert.equal((await relay()).factCount, 0);
    await rollback();
    assert.equal((await relay()).factCount, 0);
    assert.deepEqual(
      (await deliveriesOf(endpoint)).map(({ type }) => type),
      ["order.held"],
    );
  });

  it("of outbox rows of the version before, which have no state, show the order as it is", async () => {
    const id = await place([{}]);
    const endpoint = await createEndpoint(db, { accountId });
    await sql`INSERT INTO outbox (order_id, type) VALUES (${id}::uuid, 'order.confirmed')`.execute(db);
    await relay();
    const [order] = await getOrders(db, [id]);
    assert(order);
    assert.deepEqual(factsOf(await deliveriesOf(endpoint)), [["order.confirmed", { order: presentOrder(order) }]]);
  });

  it("that were missed are created on request, each once and as it would have been sent", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const sent = await createEndpoint(db, { accountId });
    await setEnabled(endpoint, false);
    const expected = await liveLives();
    await setEnabled(endpoint, true);
    assert.deepEqual(await redeliver(sent, ever), { count: 0, created: 0, nextCursor: null });
    await relay();
    const { created } = await redeliver(endpoint, ever);
    const deliveries = await deliveriesOf(endpoint);
    assert.equal(created, expected.length);
    assert.deepEqual(byKey(factsOf(deliveries)), byKey(expected));
    assert.equal((await redeliver(endpoint, ever)).created, 0);
    assert.equal((await redeliver(sent, ever)).created, 0);
    const timeOf = (payloads: readonly WebhookPayload[]) =>
      new Map(payloads.map(({ type, timestamp, data }) => [keyOf([type, data]), Date.parse(timestamp)]));
    const sentTimes = timeOf(await deliveriesOf(sent));
    for (const [fact, time] of timeOf(deliveries)) {
      // The history has the time at which the order was judged, the outbox that of its row, a moment later.
      assert(Math.abs(time - (sentTimes.get(fact) ?? 0)) < 5_000, fact);
    }
  });

  it("that were missed are only those of the time, in all three parts", async () => {
    await liveLives();
    const { rows } = await sql<{ at: Date }>`
      SELECT date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond' AS at`.execute(db);
    const from = rows[0]?.at ?? new Date();
    await sql`SELECT pg_sleep_until(${from})`.execute(db);
    event = await createTestEvent(db, { STANDARD: 5, VIP: 1 }, accountId);
    const expected = await liveLives();
    const endpoint = await createEndpoint(db, { accountId });
    assert.equal((await redeliver(endpoint, { ...ever, from })).created, expected.length);
    assert.deepEqual(byKey(factsOf(await deliveriesOf(endpoint))), byKey(expected));
    assert.equal((await redeliver(endpoint, { ...ever, to: from })).created, expected.length);
  });

  it("a cancellation whose reason is the word of an extension does not count as one", async () => {
    const id = await place([{ ...hold, quantity: 2 }]);
    const items = [{ ticketType: "STANDARD", quantity: 1 }];
    assert.equal(await submit(id, { kind: "cancel", items, reason: "extended" }), "changed");
    assert.equal(await submit(id, { kind: "extend", holdSeconds: 60 }), "changed");
  });
});
