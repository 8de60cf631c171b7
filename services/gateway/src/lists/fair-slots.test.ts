import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createFairSlots } from "./fair-slots.ts";

const limits = { countMax: 3, eachCountMax: 2, eachWaitingMax: 4, waitMaxMs: 60_000 };

/** Takes a slot for an account, and notes in `served` when it has it. */
function createTaker(options: Partial<typeof limits> = {}) {
  const slots = createFairSlots<number>({ ...limits, ...options });
  const served: number[] = [];
  const releases: { accountId: number; release: () => void }[] = [];
  const take = (accountId: number) =>
    slots.take(accountId).then((release) => {
      if (release === undefined) return false;
      served.push(accountId);
      releases.push({ accountId, release });
      return true;
    });
  /** Promises that are settled have had their effects. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const releaseOne = async (index = 0) => {
    releases.splice(index, 1)[0]?.release();
    await settle();
  };
  return { take, settle, releaseOne, served, releases };
}

describe("fair slots", () => {
  it("are never all taken by one account, however many requests it sends", async () => {
    const { take, settle, releaseOne, served, releases } = createTaker();
    for (let n = 0; n < 6; n++) void take(1);
    await settle();
    assert.deepEqual(served, [1, 1]);
    assert.equal(await take(2), true);
    while (releases.length > 0) await releaseOne();
    assert.equal(served.length, 7);
  });

  it("go to accounts in turns, whoever has more requests waiting", async () => {
    const { take, settle, releaseOne, served } = createTaker({ countMax: 1, eachCountMax: 1 });
    for (const accountId of [1, 1, 1, 1, 2, 2, 3]) void take(accountId);
    await settle();
    for (let n = 0; n < 6; n++) await releaseOne();
    assert.deepEqual(served, [1, 1, 2, 3, 1, 2, 1]);
  });

  it("are refused at once to an account that has too many requests waiting, and later when none is free", async () => {
    const { take, releases } = createTaker({ countMax: 1, eachCountMax: 1, eachWaitingMax: 1, waitMaxMs: 20 });
    assert.equal(await take(1), true);
    const waiting = take(1);
    assert.equal(await take(1), false);
    assert.equal(await waiting, false);
    releases[0]?.release();
    assert.equal(await take(2), true);
  });

  it("are released once, however often that is said", async () => {
    const { take, releases } = createTaker({ countMax: 1, eachCountMax: 1, waitMaxMs: 20 });
    await take(1);
    const [first] = releases;
    first?.release();
    await take(1);
    first?.release();
    assert.equal(await take(2), false);
  });

  it("keep their limits, and serve every waiting request, in any order of requests and releases", async () => {
    const steps = fc.array(fc.oneof(fc.nat(3), fc.constant("release" as const)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const { take, settle, releaseOne, releases } = createTaker({ eachWaitingMax: 60 });
        const taking: Promise<boolean>[] = [];
        for (const [index, step] of given.entries()) {
          if (step === "release") await releaseOne(index % Math.max(1, releases.length));
          else taking.push(take(step));
          await settle();
          assert(releases.length <= limits.countMax);
          const accounts = releases.map(({ accountId }) => accountId);
          for (const id of accounts) assert(accounts.filter((other) => other === id).length <= limits.eachCountMax);
        }
        while (releases.length > 0) await releaseOne();
        assert((await Promise.all(taking)).every(Boolean));
      }),
      { numRuns: 50 },
    );
  });
});
