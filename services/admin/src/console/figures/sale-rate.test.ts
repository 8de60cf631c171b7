import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { saleRateBetween } from "./sale-rate.ts";

const first = { atMs: 1_000, sold: 10, decided: 20 };

describe("the sale rate of an event", () => {
  it("is the gain between two samples, per second", () => {
    const last = { atMs: 3_000, sold: 50, decided: 120 };
    assert.deepEqual(saleRateBetween(first, last), { soldPerSecond: 20, decidedPerSecond: 50 });
  });

  it("is 0 after one sample, and between two that are less than half a second apart", () => {
    const none = { soldPerSecond: 0, decidedPerSecond: 0 };
    assert.deepEqual(saleRateBetween(undefined, first), none);
    assert.deepEqual(saleRateBetween(first, { atMs: 1_010, sold: 15, decided: 25 }), none);
    assert.deepEqual(saleRateBetween(first, { atMs: 1_499, sold: 500, decided: 500 }), none);
  });

  it("is never below zero, although the count of decided orders can start again at zero", () => {
    assert.equal(saleRateBetween(first, { atMs: 2_000, sold: 10, decided: 0 }).decidedPerSecond, 0);
  });
});
