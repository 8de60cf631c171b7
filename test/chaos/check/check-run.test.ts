// Tests the checker itself: each kind of violation, planted in a small sound run, is found.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { checkRun } from "./check-run.ts";
import { buy, call, type Run, soundRun, told, withCalls, withFacts, withOrder } from "./sound-run.ts";

const first = { id: "order-1", status: "CONFIRMED", version: 2 } as const;

/** A violation, and how to plant it. */
const planted: Readonly<Record<string, (run: Run) => Run>> = {
  "an accepted order is lost": (run) => withFacts(run, { orders: run.facts.orders.slice(1) }),
  "an order that was answered is lost": (run) =>
    withCalls(run, call({ kind: "read", orderId: "gone" }, 60, 70, told({ ...first, id: "gone" }))),
  "an accepted order is not what was asked for": (run) => withOrder(run, "order-1", { customerRef: "somebody" }),
  "nobody asked for an order": (run) => withOrder(run, "order-1", { key: "key-of-nobody" }),
  "one key has two orders": (run) =>
    withFacts(run, { orders: run.facts.orders.flatMap((order) => [order, { ...order, id: `${order.id} again` }]) }),
  "a key was answered with another order": (run) =>
    withCalls(run, call(buy("key-1"), 60, 70, told({ id: "order-2", status: "HELD", version: 3 }))),
  "a refused purchase has an order": (run) => withOrder(run, "order-1", { key: "key-3" }),
  "an answer could not be read": (run) => withCalls(run, call(buy("key-9"), 1, 2, { kind: "unreadable", why: "{" })),
  "an order overtook one that was answered before it was sent": (run) => withOrder(run, "order-1", { seq: 3 }),
  "an order was decided before an earlier one": (run) => withOrder(run, "order-1", { decidedAtMs: 1_001 }),
  "an order was pending while a later one was decided": (run) =>
    withCalls(run, call(buy("key-1"), 55, 60, told({ id: "order-1", status: "PENDING", version: 1 }))),
  "an answer told what never was": (run) =>
    withCalls(run, call(buy("key-1"), 55, 60, told({ ...first, status: "REJECTED" }))),
  "an answer told an earlier state": (run) =>
    withCalls(
      run,
      call(buy("key-1"), 55, 60, told(first)),
      call(buy("key-1"), 65, 70, told({ id: "order-1", status: "PENDING", version: 1 })),
    ),
  "an order was never decided": (run) => withOrder(run, "order-1", { status: "PENDING", version: 1 }),
  "a purchase was refused although there were tickets": (run) => withFacts(run, { plentyEvents: ["EVENT"] }),
  "an order outlived its event": (run) => withFacts(run, { cancelledEvents: ["EVENT"] }),
  "an order is not what its history ends with": (run) => withOrder(run, "order-2", { status: "CANCELLED" }),
  "a history has a gap": (run) => withOrder(run, "order-2", { history: run.facts.orders[1]?.history.slice(1) ?? [] }),
  "an order took a step that does not exist": (run) =>
    withOrder(run, "order-1", {
      version: 3,
      status: "HELD",
      history: [{ version: 3, from: "CONFIRMED", to: "HELD", atMs: 0, returned: null }],
    }),
  "tickets came back twice": (run) =>
    withOrder(run, "order-2", {
      ledger: [...(run.facts.orders[1]?.ledger ?? []), { cause: "return", ticketType: "STANDARD", quantity: 1 }],
    }),
  "tickets did not come back": (run) => withOrder(run, "order-2", { ledger: [] }),
  "a hold ended before its time": (run) => withOrder(run, "order-2", { expiresAtMs: 6_000 }),
  "a hold ended late": (run) => withOrder(run, "order-2", { expiresAtMs: -60_000 }),
  "a hold did not end": (run) => {
    const held = withOrder(run, "order-2", { status: "HELD", version: 3, history: [], expiresAtMs: 5_000 });
    return withFacts(held, { readAtMs: 60_000 });
  },
  "a webhook is missing": (run) => withFacts(run, { received: run.facts.received.slice(1) }),
  "a webhook told what never was": (run) =>
    withFacts(run, {
      received: [...run.facts.received, { webhookId: "hook-4", type: "order.rejected", order: first }],
    }),
  "a webhook told of an order that does not exist": (run) =>
    withFacts(run, {
      received: [
        ...run.facts.received,
        { webhookId: "hook-4", type: "order.confirmed", order: { ...first, id: "order-9" } },
      ],
    }),
  "a webhook and the database differ": (run) =>
    withFacts(run, {
      received: run.facts.received.map((fact) => ({ ...fact, order: { ...fact.order, status: "CANCELLED" } })),
    }),
  "a fact has several webhook-ids": (run) =>
    withFacts(run, {
      received: [...run.facts.received, { webhookId: "hook-4", type: "order.confirmed", order: first }],
    }),
  "two facts share a webhook-id": (run) =>
    withFacts(run, { received: run.facts.received.map((fact) => ({ ...fact, webhookId: "hook-1" })) }),
  "refunds were not told once each": (run) => withOrder(run, "order-2", { refunds: ["payment-1"] }),
  "the list of orders left something out": (run) => withFacts(run, { listed: run.facts.listed.slice(1) }),
  "the list of orders told something twice": (run) =>
    withFacts(run, { listed: [...run.facts.listed, ...run.facts.listed.slice(1)] }),
  "the changes of an event left something out": (run) => withFacts(run, { changes: run.facts.changes.slice(1) }),
  "the API did not tell what it has": (run) => withFacts(run, { refused: ["EVENT: the changes cannot be read"] }),
  "the audit: decisions follow arrival": (run) => {
    const check = { invariant: 5, name: "decisions follow arrival", ok: false, violations: 1, examples: ["order-2"] };
    const orders = { total: 2, pending: 0, held: 0, confirmed: 1, rejected: 0, expired: 1, cancelled: 0 };
    const audit = { eventCode: "EVENT", ok: false, checkedAt: "2030-01-01T00:00:00.000Z", orders, checks: [check] };
    return withFacts(run, { audits: [audit] });
  },
};

const found = ({ calls, facts }: Run) => checkRun(calls, facts).map(({ what }) => what);

describe("the checker of the chaos runs", () => {
  it("finds nothing in a sound run", () => {
    assert.deepEqual(found(soundRun()), []);
  });

  for (const [what, plant] of Object.entries(planted)) {
    it(`finds that ${what}`, () => {
      const all = found(plant(soundRun()));
      assert(all.includes(what), `found ${all.join(", ") || "nothing"}`);
    });
  }

  it("excuses a hold that ended late because of an outage", () => {
    const late = withOrder(soundRun(), "order-2", { expiresAtMs: -60_000 });
    assert.deepEqual(found(withFacts(late, { outages: [{ fromMs: -70_000, toMs: 0 }] })), []);
  });

  it("excuses no two minutes", () => {
    const late = withOrder(soundRun(), "order-2", { expiresAtMs: -120_000 });
    assert.deepEqual(found(withFacts(late, { outages: [{ fromMs: -130_000, toMs: 0 }] })), ["a hold ended late"]);
  });

  it("does not excuse more than the outage and the time after it", () => {
    const late = withOrder(soundRun(), "order-2", { expiresAtMs: -60_000 });
    assert.deepEqual(found(withFacts(late, { outages: [{ fromMs: -70_000, toMs: -40_000 }] })), ["a hold ended late"]);
  });
});
