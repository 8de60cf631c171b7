import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { repeat } from "./repeat.ts";

describe("repeated work", () => {
  it("is skipped while it is not wanted, and begins once it is", async () => {
    const checkedOften = Promise.withResolvers<void>();
    const worked = Promise.withResolvers<void>();
    let isWanted = false;
    let checkCount = 0;
    let workCount = 0;
    const work = async () => {
      workCount++;
      worked.resolve();
    };
    const loop = repeat(10, work, () => {
      if (++checkCount > 2) checkedOften.resolve();
      return isWanted;
    });
    await checkedOften.promise;
    assert.equal(workCount, 0);
    isWanted = true;
    await worked.promise;
    await loop.close();
  });
});
