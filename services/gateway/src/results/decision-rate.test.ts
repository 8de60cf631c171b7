import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createDecisionRate } from "./decision-rate.ts";

/** A rate that noted so many decisions at each of these times. */
function rateOf(notes: readonly (readonly [atMs: number, count: number])[]) {
  const rate = createDecisionRate();
  for (const [atMs, count] of notes) rate.note(count, atMs);
  return rate;
}

const everyTenth = (countOfEach: number, fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 100 }, (_, n) => [fromMs + n * 100, countOfEach] as const);

describe("the decision rate", () => {
  it("is 0 before the first one", () => {
    assert.equal(createDecisionRate().perSecond(), 0);
    assert.equal(createDecisionRate().perSecond(1e9), 0);
  });

  it("covers the time since the first one, while that is shorter than five seconds", () => {
    assert.equal(rateOf([[1_000, 100]]).perSecond(2_000), 100);
    assert.equal(rateOf(everyTenth(10, 1_000, 3_000)).perSecond(3_000), 100);
  });

  it("assumes at least a quarter of a second right after the first one", () => {
    assert.equal(rateOf([[1_000, 100]]).perSecond(1_000), 400);
  });

  it("is sustained only over all of five seconds", () => {
    assert.equal(rateOf([[1_000, 500]]).sustainedPerSecond(1_000), 100);
    // The quarter of a second in which the five seconds begin is left out.
    assert.equal(rateOf(everyTenth(10, 0, 10_000)).sustainedPerSecond(10_000), 98);
    assert.equal(rateOf([[1_000, 500]]).sustainedPerSecond(3_001), 0);
  });

  it("covers the last five seconds when it changes", () => {
    const rate = rateOf([...everyTenth(1_000, 0, 10_000), ...everyTenth(10, 10_000, 16_000)]);
    assert.equal(Math.round(rate.perSecond(16_000)), 100);
  });

  it("is 0 when nothing was decided for two seconds, and starts again after that", () => {
    const rate = rateOf(everyTenth(10, 0, 1_000));
    assert(rate.perSecond(2_900) > 0);
    assert.equal(rate.perSecond(2_901), 0);
    rate.note(100, 4_000);
    assert.equal(rate.perSecond(4_500), 200);
  });

  it("does not change in short pauses, such as an event's wait for its next time slice", () => {
    assert.equal(rateOf([0, 1_500, 3_000].map((atMs) => [atMs, 150] as const)).perSecond(4_500), 100);
  });

  it("is always finite and never negative", () => {
    const pauses = fc.array(fc.tuple(fc.integer({ min: 0, max: 8_000 }), fc.nat(10_000)), { maxLength: 100 });
    fc.assert(
      fc.property(pauses, fc.nat(10_000), (notes, laterMs) => {
        const rate = createDecisionRate();
        let nowMs = 0;
        for (const [pauseMs, count] of notes) {
          nowMs += pauseMs;
          rate.note(count, nowMs);
        }
        const perSecond = rate.perSecond(nowMs + laterMs);
        assert(Number.isFinite(perSecond) && perSecond >= 0, `${perSecond} a second`);
      }),
    );
  });
});
