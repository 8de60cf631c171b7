import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { renderTable } from "./table.ts";
import { money, plain, shellWord } from "./text.ts";

describe("text that others wrote", () => {
  it("is printed on one line, without control characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert(!/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(plain(text)));
      }),
    );
    assert.equal(plain("a\u001b]0;title\u0007b\r\nc\u202Ed"), "a ]0;title b c d");
    assert.equal(plain("Jazz  Näßt 東京"), "Jazz  Näßt 東京");
  });
});

describe("a word of a shell command to copy", () => {
  it("is quoted when a shell would split or expand it", () => {
    const echo = (text: string) => execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
    for (const text of ["acme", "acme tours", 'o\'neill & "sons"', "$HOME", "`id`", "a;b", "東京", "*", "\\"]) {
      assert.equal(echo(text), text);
    }
    assert.equal(shellWord("default"), "default");
  });
});

describe("an amount of money", () => {
  it("has as many decimals as its currency", () => {
    const amounts = ["EUR", "JPY", "BHD", "QQQ"].map((currency) => money({ amount: 1_234_500, currency }));
    assert.deepEqual(amounts, ["12,345.00 EUR", "1,234,500 JPY", "1,234.500 BHD", "12,345.00 QQQ"]);
  });
});

describe("a table", () => {
  it("aligns its columns, also with wide letters, and its figures to the right", () => {
    const columns = [{ head: "name" }, { head: "left", isFigure: true }, { head: "note" }];
    const rows = [
      ["東京", "5", "x"],
      ["Jazz", "1,000", "y"],
    ];
    const lines = stripVTControlCharacters(renderTable(columns, rows, "nothing")).split("\n");
    assert.deepEqual(lines, ["name   left  note", "東京      5  x", "Jazz  1,000  y"]);
  });

  it("is a sentence when it has no rows", () => {
    assert.equal(renderTable([{ head: "name" }], [], "There is nothing."), "There is nothing.");
  });
});
