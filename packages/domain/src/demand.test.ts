import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Purchase } from "@onsale/contracts/order";
import { holdSecondsDefault, orderQuantityMax } from "@onsale/contracts/values";
import fc from "fast-check";
import { countTickets, sumLines } from "./decide.ts";
import { readDemand } from "./demand.ts";

const items = fc.array(
  fc.record({
    ticketType: fc.constantFrom("VIP", "STANDARD", "STUDENT"),
    quantity: fc.integer({ min: 1, max: orderQuantityMax / 10 }),
  }),
  { minLength: 1, maxLength: 10 },
);

function demandOf(purchase: Purchase) {
  const read = readDemand(purchase);
  assert("demand" in read, JSON.stringify(read));
  return read.demand;
}

/** The pointers of what is wrong. */
function faultsOf(purchase: Purchase): string[] {
  const read = readDemand(purchase);
  return "faults" in read ? read.faults.map(({ pointer }) => pointer) : [];
}

describe("readDemand", () => {
  const plain = { eventCode: "show", ticketType: "VIP", quantity: 2 };

  it("reads a plain purchase as one line without a hold", () => {
    assert.deepEqual(demandOf({ ...plain, customerRef: "c-1" }), {
      eventCode: "show",
      lines: [{ ticketType: "VIP", quantity: 2 }],
      holdSeconds: null,
      allowPartial: false,
      customerRef: "c-1",
      waitlist: false,
      accessCode: null,
    });
  });

  it("sums lines of one type in the order in which they are named, and allows a part of several lines only", () => {
    fc.assert(
      fc.property(items, fc.boolean(), (lines, allowPartial) => {
        const demand = demandOf({ eventCode: "show", items: lines, allowPartial });
        const types = demand.lines.map(({ ticketType }) => ticketType);
        assert.deepEqual(types, [...new Set(lines.map(({ ticketType }) => ticketType))]);
        assert.equal(countTickets(demand.lines), countTickets(lines));
        assert.equal(demand.allowPartial, allowPartial && types.length > 1);
      }),
    );
  });

  it("reads a basket whose lines are all of one type as the plain purchase", () => {
    const basket = { eventCode: "show", items: [plain, plain].map(({ ticketType }) => ({ ticketType, quantity: 1 })) };
    assert.deepEqual(demandOf({ ...basket, allowPartial: true }), demandOf(plain));
    assert.deepEqual(sumLines(basket.items), [{ ticketType: "VIP", quantity: 2 }]);
  });

  it("holds when a hold or its seconds are asked for", () => {
    const seconds = [{ hold: true }, { holdSeconds: 45 }, { hold: true, holdSeconds: 45 }, { hold: false }, {}].map(
      (part) => demandOf({ ...plain, ...part }).holdSeconds,
    );
    assert.deepEqual(seconds, [holdSecondsDefault, 45, 45, null, null]);
  });

  it("names each field that is missing or contradicts another", () => {
    const { eventCode } = plain;
    assert.deepEqual(faultsOf({ eventCode }), ["/ticketType", "/quantity"]);
    assert.deepEqual(faultsOf({ eventCode, ticketType: "VIP" }), ["/quantity"]);
    assert.deepEqual(faultsOf({ ...plain, items: [{ ticketType: "VIP", quantity: 1 }] }), ["/items"]);
    assert.deepEqual(faultsOf({ ...plain, hold: false, holdSeconds: 60 }), ["/holdSeconds"]);
  });

  it("asks for at most as many tickets as one order may have", () => {
    const basket = (quantity: number): Purchase => ({
      eventCode: "show",
      items: [
        { ticketType: "VIP", quantity: orderQuantityMax - 1 },
        { ticketType: "STANDARD", quantity },
      ],
    });
    assert.deepEqual([faultsOf(basket(1)), faultsOf(basket(2))], [[], ["/items"]]);
  });
});
