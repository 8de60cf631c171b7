import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { hashAccessCode, hintOf, makeAccessCode } from "./access-code.ts";

describe("access codes", () => {
  it("are four groups of letters and digits that cannot be confused, and never the same", () => {
    const codes = Array.from({ length: 1_000 }, makeAccessCode);
    for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    assert.equal(new Set(codes).size, codes.length);
    assert.equal(hintOf("K7QX-2M9R-TB4W-H3NC"), "H3NC");
  });

  it("have a hint only when enough of them stays secret", () => {
    assert.deepEqual(["SECRET", "ELEVEN-LONG", "TWELVE-LONG1"].map(hintOf), [null, null, "ONG1"]);
  });

  it("have the same hash in upper and lower case, and another one under another key", () => {
    const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    assert.deepEqual(hashAccessCode(key, "fanclub"), hashAccessCode(key, "FANCLUB"));
    assert.notDeepEqual(hashAccessCode(key, "FANCLUB"), hashAccessCode(other, "FANCLUB"));
  });
});
