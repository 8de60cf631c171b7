import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createPostSlots } from "./post-slots.ts";

describe("the slots of posts", () => {
  /** Takes slots in turn until no account gets one; returns how many each has. */
  function takeAll(slotCount: number, accountCount: number): number[] {
    const slots = createPostSlots(slotCount);
    const taken = Array.from({ length: accountCount }, () => 0);
    for (let isDone = false; !isDone; ) {
      isDone = true;
      for (const [account, count] of taken.entries()) {
        if (!slots.take(account)) continue;
        taken[account] = count + 1;
        isDone = false;
      }
    }
    assert.equal(slots.take(accountCount), taken.reduce((sum, count) => sum + count, 0) < slotCount);
    return taken;
  }

  it("are half for an account that is alone, and equal shares with one left free for several", () => {
    assert.deepEqual(takeAll(512, 1), [256]);
    assert.deepEqual(takeAll(512, 3), [128, 128, 128]);
    assert.deepEqual(takeAll(100, 9), Array(9).fill(10));
  });

  it("are never used up by fewer accounts than there are slots: another account gets one at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 600 }), fc.integer({ min: 1, max: 50 }), (slotCount, accountCount) => {
        const taken = takeAll(slotCount, accountCount);
        const sum = taken.reduce((total, count) => total + count, 0);
        assert(sum <= slotCount);
        assert(accountCount >= slotCount || sum < slotCount, `${taken}`);
      }),
    );
  });

  it("that are given back can be taken again", () => {
    const slots = createPostSlots(2);
    assert.deepEqual([slots.take(1), slots.take(1), slots.take(2)], [true, false, true]);
    slots.giveBack(1);
    assert.equal(slots.take(3), true);
    slots.giveBack(2);
    slots.giveBack(3);
    assert.deepEqual([slots.take(2), slots.take(2)], [true, false]);
    assert.throws(() => slots.giveBack(1));
  });
});
