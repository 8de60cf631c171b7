import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decidedPrefix, parseDecided } from "./channels.ts";

const ticketTypes = fc.stringMatching(/^[A-Z0-9_-]{1,32}$/);

describe("the announcement of a batch", () => {
  it("says what its writer meant", () => {
    fc.assert(
      fc.property(fc.nat(), fc.maxSafeNat(), fc.nat(), fc.array(ticketTypes), (eventId, seq, count, soldOut) => {
        const decided = { eventId, seq, count, soldOut };
        assert.deepEqual(parseDecided(decidedPrefix(decided) + soldOut.join(",")), decided);
      }),
    );
  });

  it("is ignored when another version of the code wrote it", () => {
    for (const payload of [
      "",
      "1",
      "1:2",
      "1:2:3",
      "1:2:3:a",
      "a:2:3:",
      "1:-2:3:",
      "1:2:3: ",
      "1:2::",
      " 1:2:3:",
      "1:2:3:\n",
    ]) {
      assert.equal(parseDecided(payload), undefined, JSON.stringify(payload));
    }
  });
});
