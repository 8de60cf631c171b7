import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createLedger, type SeenOrder } from "./ledger.ts";

const times = { createdAt: "2030-06-01T19:00:00.000Z", decidedAt: null };
const pending: SeenOrder = { id: "a", status: "PENDING", version: 1, ...times };
const confirmed: SeenOrder = {
  ...pending,
  status: "CONFIRMED",
  version: 2,
  decidedAt: "2030-06-01T19:00:00.020Z",
};
const held: SeenOrder = { ...confirmed, status: "HELD" };

/** The faults that a ledger finds when one buyer is shown these orders. */
function faultsOf(...orders: readonly SeenOrder[]): string[] {
  const ledger = createLedger(1);
  for (const order of orders) ledger.noteOrder(0, order);
  return ledger.faults().map(({ what }) => what);
}

describe("the ledger", () => {
  it("accepts one order that is decided once, however often it is shown", () => {
    assert.deepEqual(faultsOf(pending, pending, confirmed, confirmed), []);
  });

  it("finds another order for the same key", () => {
    assert.deepEqual(faultsOf(pending, { ...pending, id: "b" }), ["the same key was answered with another order"]);
  });

  it("finds a decision that changed or was taken back", () => {
    assert.deepEqual(faultsOf(confirmed, { ...confirmed, status: "REJECTED" }), ["a decision changed"]);
    assert.deepEqual(faultsOf(confirmed, pending), ["a decided order was shown as pending"]);
  });

  it("accepts a hold that is paid, given back, or paid late, and nothing that is never possible", () => {
    const paid: SeenOrder = { ...confirmed, version: 3 };
    const expired: SeenOrder = { ...held, status: "EXPIRED", version: 3 };
    assert.deepEqual(faultsOf(pending, held, paid, paid), []);
    assert.deepEqual(faultsOf(held, { ...held, status: "CANCELLED", version: 3 }), []);
    assert.deepEqual(faultsOf(held, expired, { ...confirmed, version: 4 }), []);
    assert.deepEqual(faultsOf(paid, { ...expired, version: 4 }), ["a decision changed"]);
    assert.deepEqual(faultsOf(paid, held), ["an earlier state was shown"]);
  });

  it("accepts a late answer to a request from before the decision was known", () => {
    const ledger = createLedger(1);
    ledger.noteOrder(0, confirmed);
    ledger.noteOrder(0, pending, 0);
    assert.deepEqual(ledger.faults(), []);
  });

  it("counts each order and each decision once", () => {
    const ledger = createLedger(2);
    for (const order of [pending, confirmed, confirmed]) ledger.noteOrder(0, order);
    ledger.noteOrder(1, { ...pending, id: "b" });
    assert.deepEqual([ledger.counts.accepted, ledger.counts.learned], [2, 1]);
    assert.equal(Math.round(ledger.decisionLatency.percentile(0.5) / 1_000), 20);
  });

  it("keeps a few examples of a fault, and counts every occurrence", () => {
    const ledger = createLedger(1);
    for (let index = 0; index < 1_000; index++) ledger.noteFault("it broke", String(index));
    assert.deepEqual(ledger.faults(), [{ what: "it broke", count: 1_000, examples: ["0", "1", "2", "3", "4"] }]);
  });
});
