import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { steadyPace } from "./steady-pace.ts";

/** One sample a second; `soldAt` says how many were sold by then. */
const samples = (seconds: number, soldAt: (second: number) => number) =>
  Array.from({ length: seconds + 1 }, (_, second) => ({
    atMs: 1_000_000 + second * 1_000,
    sold: 500 + soldAt(second),
  }));

describe("the steady pace of a sale", () => {
  it("is what was sold per second", () => {
    assert.equal(steadyPace(samples(60, (second) => 7 * second)), 7);
    const noisy = steadyPace(samples(120, (second) => 10 * second + (second % 5)));
    assert(noisy !== null && Math.abs(noisy - 10) < 0.1);
  });

  it("is unknown when samples span less than 20 s, or nothing or hardly anything was sold", () => {
    assert.equal(steadyPace([]), null);
    assert.equal(steadyPace(samples(19, (second) => 100 * second)), null);
    assert.equal(steadyPace(samples(100, () => 0)), null);
    assert.equal(steadyPace(samples(100, (second) => Math.floor(second / 12))), null);
  });

  it("is unknown when the sale runs dry, surges, or tickets come back", () => {
    assert.equal(steadyPace(samples(100, (second) => Math.round(1_000 * (1 - Math.exp(-second / 20))))), null);
    assert.equal(steadyPace(samples(100, (second) => (second < 80 ? second : 80 + 50 * (second - 80)))), null);
    assert.equal(steadyPace(samples(100, (second) => -second)), null);
  });

  it("does not need samples at equal distances", () => {
    const [first, ...rest] = samples(100, (second) => 3 * second);
    assert(first !== undefined);
    assert.equal(steadyPace([first, ...rest.slice(60)]), 3);
  });
});
