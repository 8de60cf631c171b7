import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { Histogram } from "./histogram.ts";

const microseconds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const shares = [0.5, 0.95, 0.99, 1];

test("every percentile is within 1.6 % of the exact one", () => {
  fc.assert(
    fc.property(fc.array(microseconds, { minLength: 1, maxLength: 200 }), (values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      const sorted = values.toSorted((a, b) => a - b);
      for (const share of shares) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
        assert(Math.abs(histogram.percentile(share) - exact) <= exact * 0.016);
      }
    }),
  );
});

test("the sum of histograms is the same after they were sent to another process", () => {
  fc.assert(
    fc.property(fc.array(microseconds), fc.array(microseconds), (some, others) => {
      const one = new Histogram();
      const other = new Histogram();
      const all = new Histogram();
      const sum = new Histogram();
      for (const value of some) one.record(value);
      for (const value of others) other.record(value);
      for (const value of [...some, ...others]) all.record(value);

      sum.add(JSON.parse(JSON.stringify(one.toData())));
      sum.add(other.toData());

      assert.deepEqual(sum.toData(), all.toData());
      assert.equal(sum.count, some.length + others.length);
    }),
  );
});

test("an empty histogram has no percentile", () => {
  assert.equal(new Histogram().percentile(0.5), Number.NaN);
});

test("a value out of range counts as the nearest value in range", () => {
  const histogram = new Histogram();
  histogram.record(-5);
  histogram.record(1e12);
  assert.equal(histogram.percentile(0.5), 0);
  assert(histogram.percentile(1) > 2 ** 31 * 0.98);
});
