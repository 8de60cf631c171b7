import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Counter, createOffering, type Decision, decide, type Entry, sumLines } from "./decide.ts";
import { noRules } from "./rules.ts";

const ticketTypes = ["VIP", "STANDARD", "STUDENT"];
const counterSets: fc.Arbitrary<ReadonlyMap<string, Counter>> = fc
  .tuple(...ticketTypes.map(() => fc.tuple(fc.nat(20), fc.nat(20))))
  .map((pairs) => {
    const counters = pairs.map(([a, b]) => ({ limit: Math.max(a, b), used: Math.min(a, b) }));
    return new Map(counters.map((counter, index) => [ticketTypes[index] ?? "", counter]));
  });
const lineLists = fc
  .array(fc.record({ ticketType: fc.constantFrom(...ticketTypes), quantity: fc.integer({ min: 1, max: 8 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map(sumLines);
const entryLists: fc.Arbitrary<Entry[]> = fc.array(fc.record({ lines: lineLists, allowPartial: fc.boolean() }), {
  maxLength: 40,
});

/** The counters after some decisions. */
function after(counters: ReadonlyMap<string, Counter>, decisions: readonly Decision[]): Map<string, Counter> {
  const changed = new Map(counters);
  for (const decision of decisions) {
    if (decision.kind !== "granted") continue;
    for (const { ticketType, quantity } of decision.lines) {
      const { limit, used } = changed.get(ticketType) ?? { limit: 0, used: 0 };
      changed.set(ticketType, { limit, used: used + quantity });
    }
  }
  return changed;
}

const leftOf = (counters: ReadonlyMap<string, Counter>, ticketType: string) => {
  const { limit, used } = counters.get(ticketType) ?? { limit: 0, used: 0 };
  return limit - used;
};

describe("decide", () => {
  it("never takes a counter above its limit", () => {
    fc.assert(
      fc.property(counterSets, entryLists, (counters, entries) => {
        for (const { limit, used } of after(counters, decide(counters, entries)).values()) assert(used <= limit);
      }),
    );
  });

  it("grants an entry if and only if every counter has room after the entries before it, and else says what lacks", () => {
    fc.assert(
      fc.property(counterSets, entryLists, (counters, entries) => {
        const decisions = decide(counters, entries);
        assert.equal(decisions.length, entries.length);
        for (const [index, { lines, allowPartial }] of entries.entries()) {
          const current = after(counters, decisions.slice(0, index));
          const short = lines.filter((line) => line.quantity > leftOf(current, line.ticketType));
          const fitting = lines.filter((line) => !short.includes(line));
          const decision = decisions[index];
          const isGranted = allowPartial ? fitting.length > 0 : short.length === 0;
          assert.equal(decision?.kind, isGranted ? "granted" : "refused");
          if (decision?.kind === "granted") assert.deepEqual(decision.lines, fitting);
          assert.deepEqual(
            decision?.shortages,
            short.map(({ ticketType, quantity }) => {
              const available = leftOf(current, ticketType);
              return { ticketType, requested: quantity, available, counter: ticketType };
            }),
          );
        }
      }),
    );
  });

  it("grants whole lines only", () => {
    fc.assert(
      fc.property(counterSets, entryLists, (counters, entries) => {
        for (const [index, decision] of decide(counters, entries).entries()) {
          if (decision.kind !== "granted") continue;
          for (const line of decision.lines) assert(entries[index]?.lines.includes(line));
        }
      }),
    );
  });

  it("refuses every entry of an event that was cancelled", () => {
    fc.assert(
      fc.property(counterSets, entryLists, (counters, entries) => {
        const cancelled = new Map([...counters].map(([name, counter]) => [name, { ...counter, isCancelled: true }]));
        for (const decision of decide(cancelled, entries)) {
          assert.deepEqual(decision, { kind: "refused", reason: "event-cancelled", shortages: [] });
        }
      }),
    );
  });

  it("offers nothing of an event that was cancelled", () => {
    const counters = new Map([["VIP", { limit: 5, used: 1, isCancelled: true }]]);
    const offering = createOffering(counters, noRules);
    assert.equal(offering.roomFor("VIP"), 0);
    assert.equal(offering.offer({ lines: [{ ticketType: "VIP", quantity: 1 }] }), false);
  });

  it("makes the same decisions for any division of the entries into batches", () => {
    const batchSizes = fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 40 });
    fc.assert(
      fc.property(counterSets, entryLists, batchSizes, (counters, entries, sizes) => {
        let current: ReadonlyMap<string, Counter> = counters;
        let undecided = entries;
        const decisions: Decision[] = [];
        for (const size of [...sizes, entries.length]) {
          const decided = decide(current, undecided.slice(0, size));
          current = after(current, decided);
          undecided = undecided.slice(size);
          decisions.push(...decided);
        }
        assert.deepEqual(decisions, decide(counters, entries));
      }),
    );
  });

  it("calls an entry sold out when nothing is left of what it lacks, and short of stock otherwise", () => {
    const counters = new Map([
      ["VIP", { limit: 2, used: 2 }],
      ["STANDARD", { limit: 2, used: 1 }],
    ]);
    const vip = { ticketType: "VIP", quantity: 1 };
    const standard = { ticketType: "STANDARD", quantity: 2 };
    const reasonFor = (...lines: (typeof vip)[]) => {
      const [decision] = decide(counters, [{ lines, allowPartial: true }]);
      return decision?.kind === "refused" ? decision.reason : decision?.kind;
    };
    assert.equal(reasonFor(vip), "sold-out");
    assert.equal(reasonFor(standard), "insufficient-stock");
    assert.equal(reasonFor(vip, standard), "insufficient-stock");
    assert.equal(reasonFor(vip, { ...standard, quantity: 1 }), "granted");
  });

  it("throws for a ticket type without a counter, and for less than one ticket", () => {
    const entry = (ticketType: string, quantity: number) => [
      { lines: [{ ticketType, quantity }], allowPartial: false },
    ];
    assert.throws(() => decide(new Map(), entry("VIP", 1)), /no stock is known for ticket type VIP/);
    assert.throws(() => decide(new Map([["VIP", { limit: 9, used: 0 }]]), entry("VIP", 0)), /at least 1, not 0/);
  });
});
