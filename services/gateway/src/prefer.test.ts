import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parsePreferWait, waitSecondsMax } from "./prefer.ts";

describe("Prefer: wait", () => {
  it("is granted as it is asked for, up to 30 s, and cut to that", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (seconds) => {
        assert.equal(parsePreferWait(`wait=${seconds}`), Math.min(seconds, 30));
      }),
    );
    assert.equal(waitSecondsMax, 30);
  });

  it("is found among other preferences, in whatever notation RFC 7240 allows", () => {
    const headers = [
      ...["wait=5", "Wait=5", ' wait = "5" ', "wait=5; foo=bar", "wait=005"],
      ...["respond-async, wait=5", "wait=5,return=minimal", "foo; bar, wait=5, baz=qux"],
    ];
    for (const header of headers) assert.equal(parsePreferWait(header), 5, header);
  });

  it("counts where it is said first, over several headers too", () => {
    assert.equal(parsePreferWait("wait=5, wait=10"), 5);
    assert.equal(parsePreferWait(["respond-async", "wait=5", "wait=10"]), 5);
  });

  it("is not asked for without the header, or when it is not understood", () => {
    assert.equal(parsePreferWait(undefined), null);
    for (const header of [
      "",
      "wait",
      "wait=",
      "wait=-1",
      "wait=1.5",
      "wait=5s",
      "wait=soon",
      "await=5",
      "foo; wait=5",
    ]) {
      assert.equal(parsePreferWait(header), null, header);
    }
  });

  it("is read from any header without an exception, and never longer than allowed", () => {
    const headers = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'wait=,;" 0159') }));
    fc.assert(
      fc.property(headers, (header) => {
        const seconds = parsePreferWait(header);
        assert(seconds === null || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 30));
      }),
    );
  });
});
