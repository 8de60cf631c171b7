import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { createGrouper } from "./grouper.ts";

/** A grouper of numbers whose groups are served when the test says so. */
function createManualGrouper(slotCount: number, groupCountMax: number) {
  const begun: { items: readonly number[]; finish: () => void }[] = [];
  const serve = (items: readonly number[]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push({ items, finish: resolve });
    return promise;
  };
  const grouper = createGrouper({ slotCount, groupCountMax, serve });
  return { ...grouper, begun, groups: () => begun.map(({ items }) => items) };
}

/** Time for everything that can happen without a test's help. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

describe("a grouper", () => {
  it("serves one at once when nothing is going on", async () => {
    const { add, groups } = createManualGrouper(1, 10);
    add(1);
    await nextTurn();
    assert.deepEqual(groups(), [[1]]);
  });

  it("serves what arrived together as one group, in that order", async () => {
    const { add, groups } = createManualGrouper(2, 10);
    for (const item of [1, 2, 3]) add(item);
    await settle();
    assert.deepEqual(groups(), [[1, 2, 3]]);
  });

  it("does not let a group wait for the rest of a burst, but gathers the rest while its slots are busy", async () => {
    const { add, begun, groups } = createManualGrouper(2, 500);
    const burst = Array.from({ length: 300 }, (_, index) => index);
    for (const item of burst) add(item);
    // Before the event loop's turn is over.
    assert.deepEqual(groups(), [burst.slice(0, 64), burst.slice(64, 128)]);
    begun[0]?.finish();
    await settle();
    assert.deepEqual(groups().slice(2), [burst.slice(128)]);
  });

  it("gathers while its slots are busy", async () => {
    const { add, begun, groups, waitingCount } = createManualGrouper(1, 10);
    add(1);
    await settle();
    for (const item of [2, 3, 4]) {
      add(item);
      await settle();
    }
    assert.deepEqual([groups(), waitingCount()], [[[1]], 3]);
    begun[0]?.finish();
    await settle();
    assert.deepEqual([groups(), waitingCount()], [[[1], [2, 3, 4]], 0]);
  });

  it("uses all its slots, and puts no more into a group than it may", async () => {
    const { add, begun, groups, waitingCount } = createManualGrouper(2, 3);
    for (let item = 1; item <= 8; item++) add(item);
    await settle();
    assert.deepEqual(groups(), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(waitingCount(), 2);
    begun[1]?.finish();
    await settle();
    assert.deepEqual(groups().at(-1), [7, 8]);
  });

  it("drains when everything that was added has been served, and at once when that was nothing", async () => {
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

  it("serves everything once and in order, within its limits, however it arrives", async () => {
    const limits = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }));
    const arrivals = fc.array(fc.nat(8), { maxLength: 15 });
    const turnsToServe = fc.infiniteStream(fc.nat(3));
    await fc.assert(
      fc.asyncProperty(limits, arrivals, turnsToServe, async ([slotCount, groupCountMax], counts, turns) => {
        const served: number[] = [];
        let busyCount = 0;
        const serve = async (group: readonly number[]) => {
          busyCount++;
          assert(busyCount <= slotCount && group.length >= 1 && group.length <= groupCountMax);
          served.push(...group);
          for (let turn = turns.next().value ?? 0; turn > 0; turn--) await nextTurn();
          busyCount--;
        };
        const { add, drain, waitingCount } = createGrouper({ slotCount, groupCountMax, serve });
        let item = 0;
        for (const count of counts) {
          for (let n = 0; n < count; n++) add(item++);
          await nextTurn();
        }
        await drain();
        assert.deepEqual(served, [...Array(item).keys()]);
        assert.deepEqual([waitingCount(), busyCount], [0, 0]);
      }),
    );
  });
});
