import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { allocate } from "./allocate.ts";
import { createReplay, type DecidedOrder, type TotalChange } from "./replay.ts";

type Request = Readonly<{ ticketType: string; quantity: number; seqStep: number; fails: boolean }>;
/** A change of stock, then the orders of one batch. */
type Round = Readonly<{ restock: { ticketType: string; spare: number } | null; requests: readonly Request[] }>;
type Sale = Readonly<{ changes: TotalChange[]; orders: DecidedOrder[] }>;

const outcomes = [
  { status: "CONFIRMED", reason: null },
  { status: "REJECTED", reason: "sold-out" },
  { status: "REJECTED", reason: "insufficient-stock" },
  // A worker must never write these.
  { status: "REJECTED", reason: null },
  { status: "CONFIRMED", reason: "sold-out" },
] as const;

const ticketTypes = fc.constantFrom("VIP", "STANDARD");
const requests: fc.Arbitrary<Request> = fc.record({
  ticketType: ticketTypes,
  quantity: fc.integer({ min: 1, max: 6 }),
  // Rolled back transactions leave gaps.
  seqStep: fc.integer({ min: 1, max: 3 }),
  fails: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
});
const rounds: fc.Arbitrary<Round> = fc.record({
  restock: fc.option(fc.record({ ticketType: ticketTypes, spare: fc.nat(10) })),
  requests: fc.array(requests, { maxLength: 12 }),
});
const sales: fc.Arbitrary<Sale> = fc.array(rounds, { maxLength: 6 }).map(sell);
const salesWithOrders = sales.filter(({ orders }) => orders.some(({ reason }) => reason !== "internal-error"));

/** What the database has after a sale: `allocate` decides each batch, and totals change in between. */
function sell(rounds: readonly Round[]): Sale {
  const allocated = new Map([
    ["VIP", 0],
    ["STANDARD", 0],
  ]);
  const totals = new Map(allocated);
  const decidedSeq = new Map(allocated);
  const changes: TotalChange[] = [...totals].map(([ticketType, total]) => ({ ticketType, total, afterSeq: 0 }));
  const orders: DecidedOrder[] = [];
  let seq = 0;
  for (const { restock, requests } of rounds) {
    if (restock !== null) {
      const { ticketType, spare } = restock;
      const total = (allocated.get(ticketType) ?? 0) + spare;
      totals.set(ticketType, total);
      changes.push({ ticketType, total, afterSeq: decidedSeq.get(ticketType) ?? 0 });
    }
    const available = new Map([...totals].map(([type, total]) => [type, total - (allocated.get(type) ?? 0)]));
    const decisions = allocate(
      available,
      requests.filter(({ fails }) => !fails),
    ).values();
    for (const { ticketType, quantity, seqStep, fails } of requests) {
      seq += seqStep;
      if (fails) {
        orders.push({ seq, ticketType, quantity, status: "REJECTED", reason: "internal-error" });
        continue;
      }
      const decision = decisions.next().value;
      assert(decision);
      orders.push({ seq, ticketType, quantity, ...decision });
      decidedSeq.set(ticketType, seq);
      if (decision.status === "CONFIRMED") allocated.set(ticketType, (allocated.get(ticketType) ?? 0) + quantity);
    }
  }
  return { changes, orders };
}

function replayAll({ changes, orders }: Sale): (string | null)[] {
  return orders.map(createReplay(changes));
}

describe("a replay", () => {
  it("agrees with every decision of allocate, while totals change mid-sale", () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const faults = replayAll(sale).filter((fault) => fault !== null);
        assert.deepEqual(faults, []);
      }),
    );
  });

  it("reports the first decision that stock and arrival order do not explain", () => {
    fc.assert(
      fc.property(salesWithOrders, fc.nat(), fc.nat(), ({ changes, orders }, place, other) => {
        const decided = orders.filter(({ reason }) => reason !== "internal-error");
        const chosen = decided[place % decided.length];
        assert(chosen);
        const wrong = outcomes.filter(({ status, reason }) => status !== chosen.status || reason !== chosen.reason);
        const flipped = { ...chosen, ...wrong[other % wrong.length] };

        const faults = replayAll({ changes, orders: orders.map((order) => (order === chosen ? flipped : order)) });

        const first = faults.find((fault) => fault !== null);
        assert.match(first ?? "", new RegExp(`^order ${chosen.seq} is ${flipped.status}`));
      }),
    );
  });

  it("takes no stock for an order that failed with internal-error", () => {
    const demand = { ticketType: "VIP", quantity: 1 };
    const faults = replayAll({
      changes: [{ ticketType: "VIP", total: 1, afterSeq: 0 }],
      orders: [
        { ...demand, seq: 1, status: "REJECTED", reason: "internal-error" },
        { ...demand, seq: 2, status: "CONFIRMED", reason: null },
        { ...demand, seq: 3, status: "REJECTED", reason: "sold-out" },
      ],
    });
    assert.deepEqual(faults, [null, null, null]);
  });

  it("applies a new total from the order after `afterSeq` on", () => {
    const order = { ticketType: "VIP", quantity: 1, status: "CONFIRMED", reason: null };
    const changes = [
      { ticketType: "VIP", total: 0, afterSeq: 0 },
      { ticketType: "VIP", total: 5, afterSeq: 7 },
    ];
    assert.equal(createReplay(changes)({ ...order, seq: 7 }), "order 7 is CONFIRMED with 0 VIP left for 1");
    assert.equal(createReplay(changes)({ ...order, seq: 8 }), null);
  });

  it("reports an order that was decided before its ticket type had stock", () => {
    const order = { ticketType: "VIP", quantity: 1, seq: 3, status: "CONFIRMED", reason: null };
    assert.equal(createReplay([])(order), "order 3 was decided before VIP had stock");
  });
});
