import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Counter, decide, type Line, sumLines } from "./decide.ts";
import { createReplay, type DecidedOrder, type LedgerRow } from "./replay.ts";
import { eventPool } from "./rules.ts";

/** What happens in a sale, one after the other. */
type Step = Readonly<
  | { kind: "order"; lines: readonly Line[]; allowPartial: boolean; fails: boolean }
  | { kind: "total"; ticketType: string; spare: number }
  /** Gives back what an earlier order has; as an expiry, it can be paid late. */
  | { kind: "return"; place: number; isExpiry: boolean }
  | { kind: "late-payment"; place: number; fails: boolean }
  | { kind: "cancellation" }
>;

type Sale = Readonly<{
  ledger: LedgerRow[];
  orders: DecidedOrder[];
  stock: { ticketType: string; total: number; allocated: number }[];
}>;

const ticketTypes = ["VIP", "STANDARD"];
const someType = fc.constantFrom(...ticketTypes);
const lines = fc
  .array(fc.record({ ticketType: someType, quantity: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 3 })
  .map(sumLines);
/** Whether the lane cannot process an entry. */
const fails = fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("order" as const),
        lines,
        allowPartial: fc.boolean(),
        fails,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("total" as const), ticketType: someType, spare: fc.nat(10) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("return" as const), place: fc.nat(), isExpiry: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("late-payment" as const), place: fc.nat(), fails }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancellation" as const) }) },
  ),
  { maxLength: 60 },
);

const plain = (seq: number) => ({ id: String(seq), seq, waits: false, customer: null, codeId: null });

/** What the database has after a sale, as the lane writes it. */
function sell(steps: readonly Step[]): Sale {
  const counters = new Map<string, Counter & { decidedSeq: number }>();
  for (const ticketType of ticketTypes) counters.set(ticketType, { limit: 0, used: 0, decidedSeq: 0 });
  const ledger: LedgerRow[] = [];
  const orders: DecidedOrder[] = [];
  const held: DecidedOrder[] = [];
  const expired: DecidedOrder[] = [];
  let seq = 0;
  const of = (ticketType: string) => counters.get(ticketType) ?? { limit: 0, used: 0, decidedSeq: 0 };
  const note = (
    ticketType: string,
    cause: LedgerRow["cause"],
    quantity: number,
    total: number | null,
    { number = of(ticketType).decidedSeq, reason = null as string | null } = {},
  ) => {
    ledger.push({ ticketType, afterSeq: number, cause, quantity, total, orderId: null, reason, detail: null });
  };
  const draw = (own: readonly Line[], sign: 1 | -1) => {
    for (const { ticketType, quantity } of own) {
      counters.set(ticketType, { ...of(ticketType), used: of(ticketType).used + sign * quantity });
    }
  };
  const pass = (own: readonly Line[]) => {
    for (const { ticketType } of own) counters.set(ticketType, { ...of(ticketType), decidedSeq: seq });
  };
  for (const ticketType of ticketTypes) note(ticketType, "total", 0, 0);

  for (const step of steps) {
    if (step.kind === "order") {
      seq += 2;
      const { lines, allowPartial, fails } = step;
      if (fails) {
        orders.push({ ...plain(seq), lines, allowPartial, granted: null, reason: "internal-error" });
        continue;
      }
      const [decision] = decide(counters, [{ lines, allowPartial }]);
      assert(decision);
      const granted = decision.kind === "granted" ? decision.lines : null;
      const order = {
        ...plain(seq),
        lines,
        allowPartial,
        granted,
        reason: decision.kind === "refused" ? decision.reason : null,
      };
      orders.push(order);
      if (granted !== null) held.push(order);
      draw(granted ?? [], 1);
      pass(lines);
    } else if (step.kind === "cancellation") {
      for (const ticketType of ticketTypes) {
        note(ticketType, "cancellation", 0, null);
        counters.set(ticketType, { ...of(ticketType), isCancelled: true });
      }
    } else if (step.kind === "total") {
      const total = of(step.ticketType).used + step.spare;
      note(step.ticketType, "total", 0, total);
      counters.set(step.ticketType, { ...of(step.ticketType), limit: total });
    } else if (step.kind === "return") {
      const [order] = held.splice(step.place % Math.max(1, held.length), 1);
      for (const { ticketType, quantity } of order?.granted ?? []) {
        note(ticketType, step.isExpiry ? "expiry" : "return", quantity, null);
      }
      draw(order?.granted ?? [], -1);
      if (order !== undefined && step.isExpiry) expired.push(order);
    } else {
      const [order] = expired.splice(step.place % Math.max(1, expired.length), 1);
      if (order?.granted == null) continue;
      seq += 2;
      const [decision] = decide(counters, [{ lines: order.granted, allowPartial: false }]);
      const isGranted = decision?.kind === "granted" && !step.fails;
      const reason = step.fails ? "internal-error" : null;
      for (const { ticketType, quantity } of order.granted) {
        note(ticketType, isGranted ? "late-payment" : "late-payment-refused", quantity, null, { number: seq, reason });
      }
      if (isGranted) draw(order.granted, 1);
      pass(order.granted);
    }
  }
  const stock = ticketTypes.map((ticketType) => {
    return { ticketType, total: of(ticketType).limit, allocated: of(ticketType).used };
  });
  return { ledger, orders, stock };
}

function replayAll({ ledger, orders, stock }: Sale): string[] {
  const replay = createReplay(ledger);
  return [...orders.flatMap(replay.next), ...replay.finish(stock)];
}

describe("a replay", () => {
  it("agrees with every decision, while totals change, tickets come back, payments come late, and events are cancelled", () => {
    fc.assert(fc.property(steps, (given) => assert.deepEqual(replayAll(sell(given)), [])));
  });

  it("reports the first decision that order, stock and ledger do not explain", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (given, place) => {
        const sale = sell(given);
        const decided = sale.orders.filter(({ reason }) => reason !== "internal-error");
        const chosen = decided[place % Math.max(1, decided.length)];
        fc.pre(chosen !== undefined);
        const flipped =
          chosen.granted === null
            ? { ...chosen, granted: chosen.lines, reason: null }
            : { ...chosen, granted: null, reason: "sold-out" };
        const orders = sale.orders.map((order) => (order === chosen ? flipped : order));
        assert.match(replayAll({ ...sale, orders })[0] ?? "", new RegExp(`^order ${chosen.seq} was `));
      }),
    );
  });

  it("reports a ledger row that is missing or is there twice", () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.boolean(), (given, place, isDoubled) => {
        const sale = sell(given);
        const returns = sale.ledger.filter(({ cause }) => cause === "return" || cause === "expiry");
        const chosen = returns[place % Math.max(1, returns.length)];
        fc.pre(chosen !== undefined);
        const ledger = sale.ledger.flatMap((row) => (row !== chosen ? row : isDoubled ? [row, row] : []));
        assert.notDeepEqual(replayAll({ ...sale, ledger }), []);
      }),
    );
  });

  it("reports an order of a cancelled event that was granted, and one that was rejected before its cancellation", () => {
    const lines = [{ ticketType: "VIP", quantity: 1 }];
    const row = { ticketType: "VIP", quantity: 0, orderId: null, reason: null, detail: null };
    const ledger: LedgerRow[] = [
      { ...row, afterSeq: 0, cause: "total", total: 5 },
      { ...row, afterSeq: 4, cause: "cancellation", total: null },
    ];
    const granted = { lines, allowPartial: false, granted: lines, reason: null };
    const rejected = { lines, allowPartial: false, granted: null, reason: "event-cancelled" };
    const orders = [rejected, granted, rejected, granted].map((order, index) => ({
      ...plain(2 * (index + 1)),
      ...order,
    }));
    const faults = replayAll({ ledger, orders, stock: [] });
    assert.deepEqual(faults, [
      "order 2 was rejected (event-cancelled) with 5 VIP left for 1",
      "order 8 was granted 1 VIP with 4 VIP left for 1",
    ]);
  });

  it("explains every late payment that was refused, but those that could not be processed", () => {
    const vip = { ticketType: "VIP", quantity: 1 };
    const row = { ticketType: "VIP", quantity: 1, total: null, orderId: null, reason: null, detail: null };
    const saleWith = (reason: string | null): Sale => ({
      ledger: [
        { ...row, afterSeq: 0, cause: "total", quantity: 0, total: 1 },
        { ...row, afterSeq: 2, cause: "expiry" },
        { ...row, afterSeq: 4, cause: "late-payment-refused", reason },
      ],
      orders: [{ ...plain(2), lines: [vip], allowPartial: false, granted: [vip], reason: null }],
      stock: [{ ticketType: "VIP", total: 1, allocated: 0 }],
    });
    assert.deepEqual(replayAll(saleWith("internal-error")), []);
    assert.deepEqual(replayAll(saleWith(null)), ["the late payment 4 was refused with 1 VIP left for 1"]);
  });

  it("reports a late payment that was granted without stock", () => {
    const vip = { ticketType: "VIP", quantity: 1 };
    const row = { ticketType: "VIP", quantity: 1, total: null, orderId: null, reason: null, detail: null };
    const sale: Sale = {
      ledger: [
        { ...row, afterSeq: 0, cause: "total", quantity: 0, total: 1 },
        { ...row, afterSeq: 2, cause: "expiry" },
        { ...row, afterSeq: 6, cause: "late-payment" },
      ],
      orders: [
        { ...plain(2), lines: [vip], allowPartial: false, granted: [vip], reason: null },
        { ...plain(4), lines: [vip], allowPartial: false, granted: [vip], reason: null },
      ],
      stock: [{ ticketType: "VIP", total: 1, allocated: 2 }],
    };
    assert.deepEqual(replayAll(sale), ["the late payment 6 was granted with -1 VIP left for 1"]);
  });

  const vip = { ticketType: "VIP", quantity: 2 };
  const row = { ticketType: "VIP", quantity: 2, total: null, orderId: "2", reason: null, detail: null };
  const total = { ...row, afterSeq: 0, cause: "total", quantity: 0, orderId: null, total: 9 } as const;
  const ofEvent = { ...row, ticketType: eventPool };
  const rules = (afterSeq: number, limits: Readonly<Record<string, number>>): LedgerRow => {
    const detail = { pools: { VIP: [eventPool] }, limits };
    return { ...ofEvent, quantity: 0, orderId: null, afterSeq, cause: "rules", detail };
  };

  it("gives back to a customer what they had while another ticket type had a limit, and this one had none", () => {
    const ledger: LedgerRow[] = [
      total,
      { ...total, ticketType: eventPool },
      rules(0, { STANDARD: 2 }),
      { ...row, afterSeq: 2, cause: "expiry" },
      // Without the customer, whom no limit counted when the order was decided.
      { ...ofEvent, afterSeq: 2, cause: "expiry", detail: vip },
      rules(2, { STANDARD: 2, VIP: 2 }),
    ];
    const buys = { lines: [vip], allowPartial: false, customer: "c1", granted: [vip], reason: null };
    const orders = [2, 4].map((seq) => ({ ...plain(seq), ...buys }));
    assert.deepEqual(replayAll({ ledger, orders, stock: [{ ticketType: "VIP", total: 9, allocated: 2 }] }), []);
  });

  for (const [when, limitsBefore] of [
    ["before the event had a rule", undefined],
    ["while there was no limit", {}],
  ] as const) {
    it(`counts for a customer's limit what they paid late ${when}`, () => {
      const isRuled = limitsBefore !== undefined;
      const back = { ticketType: "VIP", quantity: 2, customer: "c1" };
      const ledger: LedgerRow[] = [
        total,
        { ...total, ticketType: eventPool },
        ...(isRuled ? [rules(0, { "": 3 }), rules(2, limitsBefore)] : []),
        { ...row, afterSeq: 2, cause: "expiry" },
        ...(isRuled ? [{ ...ofEvent, afterSeq: 2, cause: "expiry", detail: back } as const] : []),
        { ...row, afterSeq: 4, cause: "late-payment" },
        ...(isRuled
          ? [{ ...ofEvent, afterSeq: 4, cause: "late-payment", detail: { ticketType: "VIP" } } as const]
          : []),
        rules(4, { "": 3 }),
      ];
      const buys = { lines: [vip], allowPartial: false, customer: "c1" };
      const orders = [
        { ...plain(2), ...buys, granted: [vip], reason: null },
        { ...plain(6), ...buys, granted: null, reason: "customer-limit" },
      ];
      assert.deepEqual(replayAll({ ledger, orders, stock: [{ ticketType: "VIP", total: 9, allocated: 2 }] }), []);
    });
  }
});
