import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { etagOf, etagOfBytes, matchesEtag } from "./etag.ts";

const versions = fc.integer({ min: 1, max: 20 });

describe("an order's ETag", () => {
  it("is its version, quoted", () => {
    assert.equal(etagOf({ version: 12 }), '"12"');
  });

  it("is matched by a list of tags, strong or weak, if and only if it is in the list", () => {
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

  it("is matched by a star, whatever it is", () => {
    for (const header of ["*", " * "]) assert(matchesEtag(header, etagOf({ version: 3 })));
  });

  it("is not matched without the header, or by what is no tag", () => {
    for (const header of [undefined, "", "3", "'3'", '"3', '"13"', '"33"', 'x"3"', "W/3", '"*"']) {
      assert.equal(matchesEtag(header, etagOf({ version: 3 })), false, header);
    }
  });
});

describe("the ETag of bytes", () => {
  it("is strong, the same for the same bytes, and another one for others", () => {
    const tag = etagOfBytes(Buffer.from("{}"));
    assert.match(tag, /^"[\w-]{43}"$/);
    assert.equal(etagOfBytes(Buffer.from("{}")), tag);
    assert.notEqual(etagOfBytes(Buffer.from("{ }")), tag);
    assert(matchesEtag(`"1", ${tag}`, tag));
  });
});
