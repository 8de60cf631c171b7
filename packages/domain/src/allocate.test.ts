import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { allocate, type Decision, type Demand } from "./allocate.ts";

const ticketTypes = ["VIP", "STANDARD", "STUDENT"];
const stocks = fc
  .tuple(...ticketTypes.map((type) => fc.tuple(fc.constant(type), fc.nat(20))))
  .map((entries) => new Map(entries));
const demandLists: fc.Arbitrary<Demand[]> = fc.array(
  fc.record({ ticketType: fc.constantFrom(...ticketTypes), quantity: fc.integer({ min: 1, max: 8 }) }),
  { maxLength: 40 },
);

/** The stock after some decisions. */
function leftAfter(stock: ReadonlyMap<string, number>, demands: readonly Demand[], decisions: readonly Decision[]) {
  const left = new Map(stock);
  for (const [index, { ticketType, quantity }] of demands.entries()) {
    if (decisions[index]?.status !== "CONFIRMED") continue;
    left.set(ticketType, (left.get(ticketType) ?? 0) - quantity);
  }
  return left;
}

describe("allocate", () => {
  it("never allocates more of a ticket type than is left", () => {
    fc.assert(
      fc.property(stocks, demandLists, (stock, demands) => {
        const left = leftAfter(stock, demands, allocate(stock, demands));
        assert([...left.values()].every((count) => count >= 0));
      }),
    );
  });

  it("confirms an order if and only if enough is left after the orders before it, and else gives the reason", () => {
    fc.assert(
      fc.property(stocks, demandLists, (stock, demands) => {
        const decisions = allocate(stock, demands);
        assert.equal(decisions.length, demands.length);
        for (const [index, { ticketType, quantity }] of demands.entries()) {
          const left = leftAfter(stock, demands.slice(0, index), decisions).get(ticketType) ?? 0;
          const rejected = { status: "REJECTED", reason: left === 0 ? "sold-out" : "insufficient-stock" };
          assert.deepEqual(decisions[index], quantity <= left ? { status: "CONFIRMED", reason: null } : rejected);
        }
      }),
    );
  });

  it("makes the same decisions for any division of the orders into batches", () => {
    const batchSizes = fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 40 });
    fc.assert(
      fc.property(stocks, demandLists, batchSizes, (stock, demands, sizes) => {
        let left: ReadonlyMap<string, number> = stock;
        let undecided = demands;
        const decisions: Decision[] = [];
        for (const size of [...sizes, demands.length]) {
          const batch = undecided.slice(0, size);
          const decided = allocate(left, batch);
          left = leftAfter(left, batch, decided);
          undecided = undecided.slice(size);
          decisions.push(...decided);
        }
        assert.deepEqual(decisions, allocate(stock, demands));
      }),
    );
  });

  it("decides each ticket type as if it were the only one", () => {
    fc.assert(
      fc.property(stocks, demandLists, fc.constantFrom(...ticketTypes), (stock, demands, type) => {
        const isOfType = ({ ticketType }: Demand) => ticketType === type;
        const ofType = allocate(stock, demands).filter((_, index) => demands[index]?.ticketType === type);
        assert.deepEqual(ofType, allocate(stock, demands.filter(isOfType)));
      }),
    );
  });

  it("does not change the stock that it was given", () => {
    fc.assert(
      fc.property(stocks, demandLists, (stock, demands) => {
        const before = new Map(stock);
        allocate(stock, demands);
        assert.deepEqual(stock, before);
      }),
    );
  });

  it("gives the last tickets to the first orders", () => {
    const demand = { ticketType: "VIP", quantity: 2 };
    const decisions = allocate(new Map([["VIP", 4]]), [demand, demand, demand]);
    assert.deepEqual(
      decisions.map(({ status }) => status),
      ["CONFIRMED", "CONFIRMED", "REJECTED"],
    );
  });

  it("distinguishes insufficient stock from sold out, and confirms a smaller order in between", () => {
    const demands = [3, 2, 1].map((quantity) => ({ ticketType: "VIP", quantity }));
    const decisions = allocate(new Map([["VIP", 2]]), demands);
    assert.deepEqual(
      decisions.map(({ reason }) => reason),
      ["insufficient-stock", null, "sold-out"],
    );
  });

  it("refuses a ticket type that the stock does not know", () => {
    const stock = new Map([["VIP", 5]]);
    assert.throws(() => allocate(stock, [{ ticketType: "STANDARD", quantity: 1 }]), {
      name: "AssertionError",
      message: /STANDARD/,
    });
  });

  it("refuses a quantity below 1, even when nothing is left", () => {
    for (const quantity of [0, -1, Number.NaN]) {
      for (const left of [0, 5]) {
        const attempt = () => allocate(new Map([["VIP", left]]), [{ ticketType: "VIP", quantity }]);
        assert.throws(attempt, { name: "AssertionError", message: /at least 1/ });
      }
    }
  });
});
