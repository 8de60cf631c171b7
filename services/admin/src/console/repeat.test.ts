import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { repeat } from "./repeat.ts";

describe("what is repeated", () => {
  it("is not done while it is not wanted, and is done as soon as it is", async () => {
    const [askedOften, worked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isWanted = false;
    let askedCount = 0;
    let workCount = 0;
    const work = async () => {
      workCount++;
      worked.resolve();
    };
    const loop = repeat(10, work, () => {
      if (++askedCount > 2) askedOften.resolve();
      return isWanted;
    });
    await askedOften.promise;
    assert.equal(workCount, 0);
    isWanted = true;
    await worked.promise;
    await loop.close();
  });
});
