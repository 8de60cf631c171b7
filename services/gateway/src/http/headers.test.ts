import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { etagOf, etagOfBytes, matchesEtag, parsePreferWait } from "./headers.ts";

const versions = fc.integer({ min: 1, max: 20 });

describe("an order's ETag", () => {
  it("is its version, quoted", () => {
    assert.equal(etagOf({ version: 12 }), '"12"');
  });

  it("matches a list of tags, strong or weak, if and only if it is in the list", () => {
    const lists = fc.array(fc.tuple(versions, fc.constantFrom("", "W/"), fc.constantFrom(",", ", ", " , ")));
    fc.assert(
      fc.property(versions, lists, (version, list) => {
        const header = list.map(([known, weakness, comma]) => weakness + etagOf({ version: known }) + comma).join("");
        assert.equal(
          matchesEtag(header, etagOf({ version })),
          list.some(([known]) => known === version),
        );
      }),
    );
  });

  it("matches a star, whatever the version", () => {
    for (const header of ["*", " * "]) assert(matchesEtag(header, etagOf({ version: 3 })));
  });

  it("does not match without the header, or a text that is no tag", () => {
    for (const header of [undefined, "", "3", "'3'", '"3', '"13"', '"33"', 'x"3"', "W/3", '"*"']) {
      assert.equal(matchesEtag(header, etagOf({ version: 3 })), false, header);
    }
  });
});

describe("the ETag of bytes", () => {
  it("is strong, the same for the same bytes, and different for different bytes", () => {
    const tag = etagOfBytes(Buffer.from("{}"));
    assert.match(tag, /^"[\w-]{43}"$/);
    assert.equal(etagOfBytes(Buffer.from("{}")), tag);
    assert.notEqual(etagOfBytes(Buffer.from("{ }")), tag);
    assert(matchesEtag(`"1", ${tag}`, tag));
  });
});

describe("Prefer: wait", () => {
  it("is granted up to the limit, and cut to it above", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (seconds) => {
        assert.equal(parsePreferWait(`wait=${seconds}`, 30), Math.min(seconds, 30));
      }),
    );
  });

  it("is found among other preferences, in every notation of RFC 7240", () => {
    const headers = [
      "wait=5",
      "Wait=5",
      ' wait = "5" ',
      "wait=5; foo=bar",
      "wait=005",
      "respond-async, wait=5",
      "wait=5,return=minimal",
      "foo; bar, wait=5, baz=qux",
    ];
    for (const header of headers) assert.equal(parsePreferWait(header, 30), 5, header);
  });

  it("counts only once: the first one, also over several headers", () => {
    assert.equal(parsePreferWait("wait=5, wait=10", 30), 5);
    assert.equal(parsePreferWait(["respond-async", "wait=5", "wait=10"], 30), 5);
  });

  it("is not granted without the header, or with an invalid value", () => {
    assert.equal(parsePreferWait(undefined, 30), null);
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
      assert.equal(parsePreferWait(header, 30), null, header);
    }
  });

  it("is read from any header without an exception, and never above the limit", () => {
    const headers = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'wait=,;" 0159') }));
    fc.assert(
      fc.property(headers, (header) => {
        const seconds = parsePreferWait(header, 30);
        assert(seconds === null || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 30));
      }),
    );
  });
});
