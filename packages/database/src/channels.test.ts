import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decidedPayload, parseDecided } from "./channels.ts";

describe("the announcement of a batch", () => {
  it("says what its writer meant", () => {
    fc.assert(
      fc.property(fc.nat(), fc.maxSafeNat(), fc.nat(), (eventId, seq, count) => {
        const decided = { eventId, seq, count };
        assert.deepEqual(parseDecided(decidedPayload(decided)), decided);
      }),
    );
  });

  it("is ignored when another version of the code wrote it", () => {
    for (const payload of ["", "1", "1:2", "1:2:3:4", "a:2:3", "1:-2:3", "1:2:3 ", "1:2:", " 1:2:3", "1:2:3\n"]) {
      assert.equal(parseDecided(payload), undefined, JSON.stringify(payload));
    }
  });
});
