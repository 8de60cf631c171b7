import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { findFull, pendingLimit, secondsUntilRoom } from "./queue-limit.ts";

const floor = 1_000;

describe("the limit of pending orders", () => {
  it("is what is decided in the given time, at the rate of a lane that is never idle", () => {
    assert.equal(pendingLimit({ peakPerSecond: 6_000, oldestAgeSeconds: 5 }, 15, floor), 90_000);
    assert.equal(pendingLimit({ peakPerSecond: 100, oldestAgeSeconds: 60 }, 15, floor), 1_500);
  });

  it("has a floor, also when nothing is decided", () => {
    assert.equal(pendingLimit({ peakPerSecond: 1, oldestAgeSeconds: 60 }, 15, floor), floor);
    assert.equal(pendingLimit({ peakPerSecond: 0, oldestAgeSeconds: 3_600 }, 15, floor), floor);
  });

  it("does not take the rate of few buyers for that of the lane", () => {
    assert.equal(pendingLimit({ peakPerSecond: 0, oldestAgeSeconds: 0 }, 15, floor), 15_000);
    assert.equal(pendingLimit({ peakPerSecond: 3, oldestAgeSeconds: 0.1 }, 15, floor), 15_000);
    assert.equal(pendingLimit({ peakPerSecond: 4_000, oldestAgeSeconds: 0.1 }, 15, floor), 60_000);
  });
});

describe("a full queue", () => {
  const roomy = { pending: 10, limit: 1_000 };

  it("is that of the event from its limit on", () => {
    assert.equal(findFull({ pending: 999, limit: 1_000 }, { pending: 999, limit: 5_000 }, 1), undefined);
    assert.equal(findFull({ pending: 1_000, limit: 1_000 }, { pending: 1_000, limit: 5_000 }, 1), "event");
  });

  it("is that of all events from theirs on, for events with more than their share of it", () => {
    const all = { pending: 5_000, limit: 5_000 };
    assert.equal(findFull({ pending: 4_990, limit: 9_000 }, all, 2), "all");
    assert.equal(findFull(roomy, all, 2), undefined);
    assert.equal(findFull(roomy, all, 1_000), "all");
    assert.equal(findFull({ pending: 0, limit: 1_000 }, all, 1_000), undefined);
  });

  it("bounds all events together at twice their limit", () => {
    const events = fc.array(fc.nat(50), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 200 }), (wanted, limit) => {
        const pending = wanted.map(() => 0);
        const sum = () => pending.reduce((total, count) => total + count, 0);
        for (const [index, count] of wanted.entries()) {
          for (let n = 0; n < count; n++) {
            const event = { pending: pending[index] ?? 0, limit: 1_000 };
            const isFull = findFull(event, { pending: sum(), limit }, wanted.length) !== undefined;
            if (!isFull) pending[index] = event.pending + 1;
          }
        }
        assert(sum() <= 2 * limit + wanted.length);
      }),
    );
  });
});

describe("the time until there is room", () => {
  it("is that in which half of the line is decided", () => {
    assert.equal(secondsUntilRoom(90_000, 6_000, 15), 8);
    assert.equal(secondsUntilRoom(1_000, 100, 15), 5);
  });

  it("is at least a second, and at most the given time", () => {
    assert.equal(secondsUntilRoom(10, 6_000, 15), 1);
    assert.equal(secondsUntilRoom(1_000, 1, 15), 15);
    assert.equal(secondsUntilRoom(1_000, 0, 15), 15);
  });
});
