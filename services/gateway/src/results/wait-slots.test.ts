import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createWaitSlots } from "./wait-slots.ts";

describe("wait slots", () => {
  it("can be taken until none is free", () => {
    const waitSlots = createWaitSlots(2, 2);
    assert(waitSlots.take(1, "request"));
    assert(waitSlots.take(1, "request"));
    assert.equal(waitSlots.take(1, "request"), undefined);
    assert.equal(createWaitSlots(0, 0).take(1, "request"), undefined);
  });

  it("are counted by what waits in them", () => {
    const waitSlots = createWaitSlots(4, 4);
    const release = waitSlots.take(1, "stream");
    waitSlots.take(1, "stream");
    waitSlots.take(2, "request");
    assert.deepEqual(waitSlots.taken(), { request: 1, stream: 2 });
    release?.();
    assert.deepEqual(waitSlots.taken(), { request: 1, stream: 1 });
  });

  it("stay free for other accounts when an account has taken its share", () => {
    const waitSlots = createWaitSlots(4, 2);
    const release = waitSlots.take(1, "request");
    assert(waitSlots.take(1, "request"));
    assert.equal(waitSlots.take(1, "request"), undefined);
    assert(waitSlots.take(2, "request"));
    release?.();
    assert(waitSlots.take(1, "request"));
    assert(waitSlots.take(2, "request"));
    assert.equal(waitSlots.take(3, "request"), undefined);
  });

  it("are freed once by each release, however often it is called", () => {
    const taking = fc.record({ accountId: fc.integer({ min: 1, max: 3 }) });
    const steps = fc.array(fc.oneof(taking, fc.nat(10)), { maxLength: 200 });
    const sizes = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(sizes, sizes, steps, (countMax, accountCountMax, path) => {
        const waitSlots = createWaitSlots(countMax, accountCountMax);
        const taken = new Map<() => void, number>();
        const releases: (() => void)[] = [];
        for (const step of path) {
          if (typeof step === "number") {
            const release = releases[step];
            release?.();
            if (release !== undefined) taken.delete(release);
            continue;
          }
          const { accountId } = step;
          const ownCount = [...taken.values()].filter((id) => id === accountId).length;
          const release = waitSlots.take(accountId, "request");
          assert.equal(release !== undefined, taken.size < countMax && ownCount < accountCountMax);
          if (release !== undefined) releases.push(release);
          if (release !== undefined) taken.set(release, accountId);
        }
      }),
    );
  });
});
