import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { paceBetween } from "./sale-rate.ts";

const first = { atMs: 1_000, sold: 10, decided: 20 };

describe("the pace of an event", () => {
  it("is what it gained between two readings, a second", () => {
    const last = { atMs: 3_000, sold: 50, decided: 120 };
    assert.deepEqual(paceBetween(first, last), { soldPerSecond: 20, decidedPerSecond: 50 });
  });

  it("is not known from one reading, nor from two that follow each other at once", () => {
    const none = { soldPerSecond: 0, decidedPerSecond: 0 };
    assert.deepEqual(paceBetween(undefined, first), none);
    assert.deepEqual(paceBetween(first, { atMs: 1_010, sold: 15, decided: 25 }), none);
    assert.deepEqual(paceBetween(first, { atMs: 1_499, sold: 500, decided: 500 }), none);
  });

  it("is never below zero: what was decided is forgotten after a while", () => {
    assert.equal(paceBetween(first, { atMs: 2_000, sold: 10, decided: 0 }).decidedPerSecond, 0);
  });
});
