// Every rule, and every pair of them, as properties of the pure core: pools, limits per customer, access codes, windows
// apart (sale-window.test.ts), waiting lists of both policies.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Counter,
  createOffering,
  type Decision,
  decide,
  drawsOf,
  type Entry,
  type Line,
  sumLines,
} from "./decide.ts";
import { codeCounter, customerCounter, lineCounters, noRules, poolCounter, poolName, type Rules } from "./rules.ts";

const ticketTypes = ["VIP", "STANDARD", "STUDENT"];
const customers = ["a1", "b2"];
const codeIds = [1, 2];
const pools = ["pool:HALL", "pool:FIRE", "event"];

const lineLists = fc
  .array(fc.record({ ticketType: fc.constantFrom(...ticketTypes), quantity: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 3,
  })
  .map(sumLines);
const entryLists: fc.Arbitrary<Entry[]> = fc.array(
  fc.record({
    lines: lineLists,
    allowPartial: fc.boolean(),
    waits: fc.boolean(),
    customer: fc.constantFrom(null, ...customers),
    codeId: fc.constantFrom(null, null, ...codeIds),
  }),
  { maxLength: 30 },
);
const rulesOfEvents: fc.Arbitrary<Rules> = fc.record({
  pools: fc
    .tuple(...ticketTypes.map(() => fc.subarray(pools)))
    .map((names) => new Map(names.map((own, index) => [ticketTypes[index] ?? "", own]))),
  limited: fc.subarray(["", ...ticketTypes]).map((scopes) => new Set(scopes)),
  isStrict: fc.boolean(),
  waitedFor: fc.subarray([...ticketTypes, "pool:HALL"]).map((names) => new Set(names)),
});

const names = [
  ...ticketTypes,
  ...pools,
  ...customers.flatMap((customer) => ["", ...ticketTypes].map((scope) => customerCounter(customer, scope))),
  ...codeIds.map(codeCounter),
];
const counterSets: fc.Arbitrary<ReadonlyMap<string, Counter>> = fc
  .tuple(...names.map(() => fc.tuple(fc.nat(15), fc.nat(15))))
  .map((pairs) => {
    const counters = pairs.map(([a, b]) => ({ limit: Math.max(a, b), used: Math.min(a, b) }));
    return new Map(counters.map((counter, index) => [names[index] ?? "", counter]));
  });

/** The counters after some decisions. */
function after(
  counters: ReadonlyMap<string, Counter>,
  rules: Rules,
  entries: readonly Entry[],
  decisions: readonly Decision[],
): Map<string, Counter> {
  const changed = new Map(counters);
  for (const [index, decision] of decisions.entries()) {
    const entry = entries[index];
    assert(entry);
    for (const { counter, quantity } of drawsOf(rules, entry, decision)) {
      const { limit, used } = changed.get(counter) ?? { limit: 0, used: 0 };
      changed.set(counter, { limit, used: used + quantity });
    }
  }
  return changed;
}

/** Whether every counter of an entry has room for all its lines together. */
function fits(counters: ReadonlyMap<string, Counter>, rules: Rules, entry: Entry): boolean {
  const all = after(counters, rules, [entry], [{ kind: "granted", lines: entry.lines, shortages: [] }]);
  return drawsOf(rules, entry, { kind: "granted", lines: entry.lines, shortages: [] }).every(({ counter }) => {
    const { limit, used } = all.get(counter) ?? { limit: 0, used: 1 };
    return used <= limit && counters.has(counter);
  });
}

const isBehind = (rules: Rules, waitedFor: ReadonlySet<string>, { lines }: Entry) =>
  rules.isStrict && lines.some((line) => lineCounters(rules, null, line).stock.some((name) => waitedFor.has(name)));

describe("the rules of an event", () => {
  it("never take a counter above its limit, whatever draws on it", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, entryLists, (counters, rules, entries) => {
        const decisions = decide(counters, entries, rules);
        for (const { limit, used } of after(counters, rules, entries, decisions).values()) assert(used <= limit);
      }),
    );
  });

  it("refuse nothing that fits, but behind a strict waiting list", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, entryLists, (counters, rules, entries) => {
        const decisions = decide(counters, entries, rules);
        const waitedFor = new Set(rules.waitedFor);
        for (const [index, entry] of entries.entries()) {
          const decision = decisions[index];
          assert(decision);
          const current = after(counters, rules, entries, decisions.slice(0, index));
          const mustPass = fits(current, rules, entry) && !isBehind(rules, waitedFor, entry);
          if (mustPass) assert.deepEqual(decision, { kind: "granted", lines: entry.lines, shortages: [] });
          else if (!entry.allowPartial) assert.notEqual(decision.kind, "granted");
          if (decision.kind !== "waiting") continue;
          for (const line of entry.lines) {
            for (const name of lineCounters(rules, null, line).stock) if (name !== "event") waitedFor.add(name);
          }
        }
      }),
    );
  });

  it("grant of an order that allows it the lines that nobody waits for and that there is enough for", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, lineLists, (counters, given, lines) => {
        const rules = { ...given, limited: new Set<string>() };
        const entry = { lines, allowPartial: true };
        const granted: Line[] = [];
        for (const line of lines) {
          const own = { ...entry, lines: [...granted, line] };
          const isFree = !isBehind(rules, rules.waitedFor, { ...entry, lines: [line] });
          if (isFree && fits(counters, rules, own)) granted.push(line);
        }
        const [decision] = decide(counters, [entry], rules);
        assert.deepEqual(decision?.kind === "granted" ? decision.lines : [], granted);
        if (decision?.kind === "granted") assert.equal(decision.shortages.length, lines.length - granted.length);
      }),
    );
  });

  it("name what a customer's limit lacks for each order that it refuses", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, entryLists, (counters, rules, entries) => {
        for (const decision of decide(counters, entries, rules)) {
          if (decision.kind !== "refused" || decision.reason !== "customer-limit") continue;
          assert(decision.shortages.some(({ counter }) => counter.startsWith("customer")));
        }
      }),
    );
    const counters = new Map([
      ["VIP", { limit: 9, used: 9 }],
      ["STANDARD", { limit: 9, used: 9 }],
      [customerCounter("a1", ""), { limit: 3, used: 0 }],
    ]);
    const lines = ["STANDARD", "VIP"].map((ticketType) => ({ ticketType, quantity: 2 }));
    const rules = { ...noRules, limited: new Set([""]) };
    assert.deepEqual(decide(counters, [{ lines, allowPartial: false, waits: true, customer: "a1" }], rules), [
      {
        kind: "refused",
        reason: "customer-limit",
        shortages: [{ ticketType: "VIP", requested: 2, available: 1, counter: "customer" }],
      },
    ]);
  });

  it("let nobody wait for more than there is in all, who would keep everybody behind them waiting, too", () => {
    const counters = new Map([["VIP", { limit: 4, used: 2 }]]);
    const entry = (quantity: number) => ({
      lines: [{ ticketType: "VIP", quantity }],
      allowPartial: false,
      waits: true,
    });
    const lacks = { ticketType: "VIP", requested: 10, available: 2, counter: "VIP" };
    for (const waitedFor of [[], ["VIP"]]) {
      const rules = { ...noRules, isStrict: true, waitedFor: new Set(waitedFor) };
      const [first, second] = decide(counters, [entry(10), entry(1)], rules);
      assert.deepEqual(first, { kind: "refused", reason: "insufficient-stock", shortages: [lacks] });
      assert.equal(second?.kind, waitedFor.length > 0 ? "waiting" : "granted");
    }
  });

  it("make only orders wait that want to, and that only stock or pools are short for", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, entryLists, (counters, rules, entries) => {
        for (const [index, decision] of decide(counters, entries, rules).entries()) {
          if (decision.kind !== "waiting") continue;
          const entry = entries[index];
          assert.equal(entry?.waits, true);
          // All of it can come at some time.
          const empty = new Map([...counters].map(([name, { limit }]) => [name, { limit, used: 0 }]));
          assert(entry && fits(empty, { ...rules, limited: new Set() }, { ...entry, codeId: null }));
          for (const { counter } of decision.shortages) assert(!counter.startsWith("customer"));
        }
      }),
    );
  });

  it("name no customer in what they say", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, entryLists, (counters, rules, entries) => {
        const text = JSON.stringify(decide(counters, entries, rules).map(({ shortages }) => shortages));
        for (const customer of customers) assert(!text.includes(customer));
      }),
    );
  });

  it("decide the same for any division of the entries into batches", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, entryLists, fc.nat(30), (counters, rules, entries, at) => {
        const all = decide(counters, entries, rules);
        const first = decide(counters, entries.slice(0, at), rules);
        const waitedFor = new Set(rules.waitedFor);
        for (const [index, { kind }] of first.entries()) {
          const lines = kind === "waiting" ? (entries[index]?.lines ?? []) : [];
          for (const name of lines.flatMap((line) => lineCounters(rules, null, line).stock)) {
            if (name !== "event") waitedFor.add(name);
          }
        }
        const current = after(counters, rules, entries.slice(0, at), first);
        assert.deepEqual([...first, ...decide(current, entries.slice(at), { ...rules, waitedFor })], all);
      }),
    );
  });

  it("are none in an event without any: entries are decided by its ticket types", () => {
    fc.assert(
      fc.property(counterSets, entryLists, (counters, entries) => {
        const plain = entries.map(({ lines, allowPartial }) => ({ lines, allowPartial }));
        assert.deepEqual(decide(counters, plain), decide(counters, plain, { ...noRules, isStrict: false }));
      }),
    );
  });
});

describe("offers", () => {
  const lists = fc.array(fc.record({ lines: lineLists }), { maxLength: 30 });

  it("go to the first in line that they are enough for, and never take more than there is", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, lists, (counters, given, waiting) => {
        const rules = { ...given, isStrict: false };
        const offering = createOffering(counters, rules);
        let current: ReadonlyMap<string, Counter> = counters;
        for (const { lines } of waiting) {
          const entry = { lines, allowPartial: false };
          const stockOnly = { ...rules, limited: new Set<string>() };
          const isFitting = fits(current, stockOnly, entry);
          assert.equal(offering.offer(entry), isFitting);
          if (isFitting) current = after(current, stockOnly, [entry], [{ kind: "granted", lines, shortages: [] }]);
        }
      }),
    );
  });

  it("of a strict list never let anybody pass who wants the same", () => {
    fc.assert(
      fc.property(counterSets, rulesOfEvents, lists, (counters, given, waiting) => {
        const rules = { ...given, isStrict: true };
        const offering = createOffering(counters, rules);
        const passed = new Set<string>();
        for (const { lines } of waiting) {
          const own = lines.flatMap((line) => lineCounters(rules, null, line).stock).filter((name) => name !== "event");
          const isOffered = offering.offer({ lines });
          if (isOffered) assert(own.every((name) => !passed.has(name)));
          else for (const name of own) passed.add(name);
        }
      }),
    );
  });
});

describe("names of counters", () => {
  it("of pools are what clients call them, with a prefix that no ticket type has", () => {
    assert.equal(poolCounter("HALL"), "pool:HALL");
    assert.equal(poolName("pool:HALL"), "HALL");
    for (const name of ["HALL", "event", "customer:a1", "code:1"]) assert.equal(poolName(name), null);
  });
});
