import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { renderTable } from "./table.ts";
import { plain } from "./text.ts";

describe("text from elsewhere", () => {
  it("never reaches a terminal with characters that it obeys, nor with more than one line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert(!/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(plain(text)));
      }),
    );
    assert.equal(plain("a\u001b]0;title\u0007b\r\nc\u202Ed"), "a ]0;title b c d");
    assert.equal(plain("Jazz  Näßt 東京"), "Jazz  Näßt 東京");
  });
});

describe("a table", () => {
  it("has its columns below each other, also with wide letters, and figures to the right", () => {
    const columns = [{ head: "name" }, { head: "left", isFigure: true }, { head: "note" }];
    const rows = [
      ["東京", "5", "x"],
      ["Jazz", "1,000", "y"],
    ];
    const lines = stripVTControlCharacters(renderTable(columns, rows, "nothing")).split("\n");
    assert.deepEqual(lines, ["name   left  note", "東京      5  x", "Jazz  1,000  y"]);
  });

  it("without rows is a sentence", () => {
    assert.equal(renderTable([{ head: "name" }], [], "There is nothing."), "There is nothing.");
  });
});
