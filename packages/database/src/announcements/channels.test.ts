import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decidedPayloads, parseBuckets, parseDecided } from "./channels.ts";

const ticketTypes = fc.stringMatching(/^(pool:)?[A-Z0-9_-]{1,32}$/);
const decided = fc
  .tuple(fc.nat(), fc.maxSafeNat(), fc.nat(), fc.array(ticketTypes, { maxLength: 100 }))
  .map(([eventId, seq, count, soldOut]) => ({ eventId, seq, count, soldOut }));
const payloadBytesMax = 7_999;

describe("the announcement of a batch", () => {
  it("is read as it was written, in as many payloads as PostgreSQL needs", () => {
    fc.assert(
      fc.property(fc.array(decided, { maxLength: 600 }), (events) => {
        const payloads = decidedPayloads(events);
        assert.deepEqual(payloads.flatMap(parseDecided), events);
        for (const payload of payloads) assert(payload.length <= payloadBytesMax);
      }),
      { numRuns: 30 },
    );
  });

  it("is one payload for the events of a usual batch", () => {
    const events = Array.from({ length: 200 }, (_, n) => ({ eventId: n, seq: 10_000_000 + n, count: 2, soldOut: [] }));
    assert.equal(decidedPayloads(events).length, 1);
  });

  it("leaves out some of very many sold-out ticket types instead of failing", () => {
    const soldOut = Array.from({ length: 1_000 }, (_, n) => `${"T".repeat(28)}${n}`);
    const [payload, ...others] = decidedPayloads([{ eventId: 1, seq: 2, count: 3, soldOut }]);
    assert(payload !== undefined && payload.length <= payloadBytesMax && others.length === 0);
    assert.deepEqual(parseDecided(payload), [{ eventId: 1, seq: 2, count: 3, soldOut: soldOut.slice(0, 100) }]);
  });

  it("is ignored where only another version of the code understands it", () => {
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
      assert.deepEqual(parseDecided(payload), [], JSON.stringify(payload));
      assert.equal(parseDecided(`7:8:9:;${payload}`).length, 1);
    }
  });
});

describe("an announcement of arrivals", () => {
  it("names buckets, and leaves out what only another version of the code understands", () => {
    assert.deepEqual(parseBuckets("3"), [3]);
    assert.deepEqual(parseBuckets("3,17,0"), [3, 17, 0]);
    for (const payload of ["", "a", "0x3", "-1", " 3", "3.5", "3\n"]) {
      assert.deepEqual(parseBuckets(`5,${payload},6`), [5, 6], JSON.stringify(payload));
    }
  });
});
