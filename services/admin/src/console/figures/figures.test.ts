import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { gains, mean, quantiles, rates, sumBy, sumOf } from "./figures.ts";

const bounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const seconds = { histogram: "seconds", bounds };

/** A histogram's samples after these observations, as processes report them: without zeros. */
function observe(values: readonly number[]): Record<string, number> {
  const buckets = bounds.map((bound) => [
    `seconds_bucket{le="${bound}"}`,
    values.filter((value) => value <= bound).length,
  ]);
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    ...Object.fromEntries(buckets.filter(([, count]) => count !== 0)),
    'seconds_bucket{le="+Inf"}': values.length,
    seconds_sum: sum,
    seconds_count: values.length,
  };
}

describe("figures", () => {
  it("of a metric are summed over all its labels, or by one of them", () => {
    const figures = {
      'orders_decided_total{outcome="rejected",reason="sold-out"}': 3,
      'orders_decided_total{outcome="rejected",reason="insufficient-stock"}': 2,
      'orders_decided_total{outcome="confirmed",reason="none"}': 5,
      orders_decided: 100,
    };
    assert.equal(sumOf(figures, "orders_decided_total"), 10);
    assert.deepEqual(Object.fromEntries(sumBy(figures, "orders_decided_total", "outcome")), {
      rejected: 5,
      confirmed: 5,
    });
    assert.equal(sumOf(figures, "nothing_total"), 0);
  });

  it("have gains and rates over each process's own span", () => {
    const spans = [
      { from: { a: 10 }, to: { a: 30 }, seconds: 2 },
      { from: {}, to: { a: 5, b: 1 }, seconds: 1 },
    ];
    assert.deepEqual(gains(spans), { a: 25, b: 1 });
    assert.deepEqual(rates(spans), { a: 15, b: 1 });
  });

  it("have quantiles in the bucket that holds the true ones", () => {
    const values = fc.array(fc.double({ min: 0.000_1, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (observed, share) => {
        const [found] = quantiles(observe(observed), seconds, [share]);
        const sorted = observed.toSorted((one, other) => one - other);
        const truth = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
        const upper = bounds.find((bound) => bound >= truth) ?? 1;
        const lower = bounds[bounds.indexOf(upper) - 1] ?? 0;
        assert(found !== null && found !== undefined && found >= lower && found <= upper);
      }),
    );
  });

  it("have quantiles in the only bucket with observations, although no lower one was ever reported", () => {
    assert.deepEqual(quantiles(observe([0.3, 0.4]), seconds, [0.5, 1]), [0.375, 0.5]);
    assert.deepEqual(quantiles(observe([0.3, 50]), seconds, [0.5, 0.99]), [0.5, 1]);
  });

  it("count as the last bound when they are above it, and have no quantile and no mean when there are none", () => {
    assert.deepEqual(quantiles(observe([50, 60]), seconds, [0.5, 0.99]), [1, 1]);
    assert.deepEqual(quantiles({}, seconds, [0.5, 0.99]), [null, null]);
    assert.equal(mean({}, "seconds"), null);
    assert.equal(mean(observe([0.25, 0.75]), "seconds"), 0.5);
  });
});
