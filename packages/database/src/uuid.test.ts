import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { newUuidV7 } from "./uuid.ts";

describe("a UUIDv7", () => {
  it("is a UUIDv7 of the moment it was made", () => {
    const before = Date.now();
    const id = newUuidV7();
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const madeAt = Number.parseInt(id.replace("-", "").slice(0, 12), 16);
    assert(madeAt >= before && madeAt <= Date.now());
  });

  it("rises with each one, also when the counter of a millisecond is used up, and when the clock goes back", () => {
    const now = Date.now() + 60_000;
    const ids = Array.from({ length: 20_000 }, (_, n) => newUuidV7(n % 2 === 0 ? now : now - 5_000));
    assert.deepEqual(ids, ids.toSorted());
    assert.equal(new Set(ids).size, ids.length);
  });

  it("cannot be guessed from the one before", () => {
    const tails = Array.from({ length: 5_000 }, () => newUuidV7().slice(19));
    assert.equal(new Set(tails).size, tails.length);
    for (const digit of "89ab") assert(tails.some((tail) => tail.startsWith(digit)));
  });
});
