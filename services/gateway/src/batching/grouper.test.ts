import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { createGrouper } from "./grouper.ts";

/** A grouper of numbers; each group is handled until the test calls its `finish`. */
function createManualGrouper(slotCount: number, groupSizeMax: number) {
  const begun: { items: readonly number[]; finish: () => void }[] = [];
  const handle = (items: readonly number[]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push({ items, finish: resolve });
    return promise;
  };
  const grouper = createGrouper({ slotCount, groupSizeMax, handle });
  return { ...grouper, begun, groups: () => begun.map(({ items }) => items) };
}

/** Waits until nothing more happens by itself. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

describe("a grouper", () => {
  it("handles an item at once without load", async () => {
    const { add, groups } = createManualGrouper(1, 10);
    add(1);
    await nextTurn();
    assert.deepEqual(groups(), [[1]]);
  });

  it("handles items that come together as one group, in their order", async () => {
    const { add, groups } = createManualGrouper(2, 10);
    for (const item of [1, 2, 3]) add(item);
    await settle();
    assert.deepEqual(groups(), [[1, 2, 3]]);
  });

  it("begins with a group of a burst before the rest came, and groups the rest while its slots are busy", async () => {
    const { add, begun, groups } = createManualGrouper(2, 500);
    const burst = Array.from({ length: 300 }, (_, index) => index);
    for (const item of burst) add(item);
    // Still in the same turn of the event loop.
    assert.deepEqual(groups(), [burst.slice(0, 64), burst.slice(64, 128)]);
    begun[0]?.finish();
    await settle();
    assert.deepEqual(groups().slice(2), [burst.slice(128)]);
  });

  it("groups items while its slots are busy", async () => {
    const { add, begun, groups, queuedCount } = createManualGrouper(1, 10);
    add(1);
    await settle();
    for (const item of [2, 3, 4]) {
      add(item);
      await settle();
    }
    assert.deepEqual([groups(), queuedCount()], [[[1]], 3]);
    begun[0]?.finish();
    await settle();
    assert.deepEqual([groups(), queuedCount()], [[[1], [2, 3, 4]], 0]);
  });

  it("uses all its slots, and makes no group larger than the maximum", async () => {
    const { add, begun, groups, queuedCount } = createManualGrouper(2, 3);
    for (let item = 1; item <= 8; item++) add(item);
    await settle();
    assert.deepEqual(groups(), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(queuedCount(), 2);
    begun[1]?.finish();
    await settle();
    assert.deepEqual(groups().at(-1), [7, 8]);
  });

  it("drains when every added item was handled, and at once when none was added", async () => {
    const { add, begun, drain } = createManualGrouper(1, 1);
    await drain();
    add(1);
    add(2);
    let isDrained = false;
    const draining = drain().then(() => {
      isDrained = true;
    });
    await settle();
    begun[0]?.finish();
    await settle();
    assert.equal(isDrained, false);
    begun[1]?.finish();
    await draining;
  });

  it("handles every item once and in order, within its limits, however many come at a time", async () => {
    const limits = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }));
    const counts = fc.array(fc.nat(8), { maxLength: 15 });
    const turnsToHandle = fc.infiniteStream(fc.nat(3));
    await fc.assert(
      fc.asyncProperty(limits, counts, turnsToHandle, async ([slotCount, groupSizeMax], added, turns) => {
        const handled: number[] = [];
        let busyCount = 0;
        const handle = async (group: readonly number[]) => {
          busyCount++;
          assert(busyCount <= slotCount && group.length >= 1 && group.length <= groupSizeMax);
          handled.push(...group);
          for (let turn = turns.next().value ?? 0; turn > 0; turn--) await nextTurn();
          busyCount--;
        };
        const { add, drain, queuedCount } = createGrouper({ slotCount, groupSizeMax, handle });
        let item = 0;
        for (const count of added) {
          for (let n = 0; n < count; n++) add(item++);
          await nextTurn();
        }
        await drain();
        assert.deepEqual(handled, [...Array(item).keys()]);
        assert.deepEqual([queuedCount(), busyCount], [0, 0]);
      }),
    );
  });
});
