import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type PendingMarks, queuePosition, type SinceCounted } from "./queue-position.ts";

const quiet: SinceCounted = { accepted: 0, decided: 0, decidedPerSecond: 0 };

/** The `seq` of pending orders in arrival order; numbers of other events' orders leave gaps. */
const backlogs = fc
  .array(fc.integer({ min: 1, max: 50 }), { maxLength: 300 })
  .map((gaps) => gaps.map((_, place) => gaps.slice(0, place + 1).reduce((sum, gap) => sum + gap, 0)));
const nonEmptyBacklogs = backlogs.filter((seqs) => seqs.length > 0);
const steps = fc.integer({ min: 1, max: 40 });
const sinces: fc.Arbitrary<SinceCounted> = fc.record({
  accepted: fc.nat(100_000),
  decided: fc.nat(100_000),
  decidedPerSecond: fc.oneof(fc.constantFrom(0, 0.2, 1e9, Number.MAX_VALUE), fc.double({ min: 0.2, max: 1e5 })),
});
const ages = fc.constantFrom(0, 1.9, 2.1, 1e9);
const anySeq = fc.oneof(fc.nat(20_000), fc.constant(Number.MAX_SAFE_INTEGER));

/** As `countPending` counts them. */
function count(seqs: readonly number[], step = 1, oldestAgeSeconds = 0): PendingMarks | undefined {
  if (seqs.length === 0) return undefined;
  return { count: seqs.length, step, oldestAgeSeconds, marks: seqs.filter((_, place) => place % step === 0) };
}

describe("the position of a pending order", () => {
  it("is a possible number of orders and a possible time, for any count and anything that happened since", () => {
    fc.assert(
      fc.property(backlogs, steps, ages, sinces, anySeq, (seqs, step, age, since, seq) => {
        const { ahead, estimatedSeconds } = queuePosition(seq, count(seqs, step, age), since);
        assert(Number.isInteger(ahead) && ahead >= 0, `${ahead} ahead`);
        assert(estimatedSeconds === null || (Number.isFinite(estimatedSeconds) && estimatedSeconds >= 0));
      }),
    );
  });

  it("is exact when each order has a mark", () => {
    fc.assert(
      fc.property(backlogs, (seqs) => {
        const places = seqs.map((seq) => queuePosition(seq, count(seqs), quiet).ahead);
        assert.deepEqual(places, [...seqs.keys()]);
      }),
    );
  });

  it("is wrong by less than a step when some orders have marks", () => {
    fc.assert(
      fc.property(nonEmptyBacklogs, steps, (seqs, step) => {
        for (const [place, seq] of seqs.entries()) {
          const { ahead } = queuePosition(seq, count(seqs, step), quiet);
          assert(Math.abs(ahead - place) < Math.max(1, step), `${ahead} ahead instead of ${place}`);
        }
      }),
    );
  });

  it("is never better for a later order", () => {
    fc.assert(
      fc.property(backlogs, steps, sinces, anySeq, anySeq, (seqs, step, since, one, other) => {
        const early = Math.min(one, other);
        const late = Math.max(one, other);
        const ahead = (seq: number) => queuePosition(seq, count(seqs, step), since).ahead;
        assert(ahead(early) <= ahead(late));
      }),
    );
  });

  it("falls by the orders that were decided since, down to 0", () => {
    fc.assert(
      fc.property(nonEmptyBacklogs, fc.nat(500), (seqs, decided) => {
        const { ahead } = queuePosition(seqs.at(-1) ?? 0, count(seqs), { ...quiet, decided });
        assert.equal(ahead, Math.max(0, seqs.length - 1 - decided));
      }),
    );
  });

  it("of the newest order includes those that were accepted since, also when nothing was pending before", () => {
    fc.assert(
      fc.property(backlogs, fc.integer({ min: 1, max: 500 }), (seqs, accepted) => {
        const seq = (seqs.at(-1) ?? 0) + 1_000;
        const { ahead } = queuePosition(seq, count(seqs), { ...quiet, accepted });
        assert.equal(ahead, seqs.length + accepted - 1);
      }),
    );
  });

  it("ignores orders of other events, although their numbers are in between", () => {
    assert.equal(queuePosition(1_000_000, count([1, 2, 3]), { ...quiet, accepted: 1 }).ahead, 3);
  });

  it("has a time that follows from the event's pace", () => {
    const counted = count(Array.from({ length: 1_000 }, (_, place) => place + 1));
    const estimate = (seq: number, decidedPerSecond: number) =>
      queuePosition(seq, counted, { ...quiet, decidedPerSecond }).estimatedSeconds;
    assert.deepEqual([estimate(1_000, 100), estimate(500, 100), estimate(1, 100)], [10, 5, 0.1]);
    assert.deepEqual([estimate(1_000, 500), estimate(1_000, 1e9)], [2, 0.1]);
  });

  it("has no time when the oldest order is pending for more than two seconds and none is decided", () => {
    const estimate = (age: number, decidedPerSecond: number) =>
      queuePosition(2, count([1, 2], 1, age), { ...quiet, decidedPerSecond }).estimatedSeconds;
    assert.equal(estimate(2.1, 0), null);
    assert.notEqual(estimate(1.9, 0), null);
    assert.notEqual(estimate(60, 1), null);
    assert.notEqual(queuePosition(2, undefined, quiet).estimatedSeconds, null);
  });
});
