import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { renderTable } from "./table.ts";
import { plain, shellWord } from "./text.ts";

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

describe("a word of a command to copy", () => {
  it("stands in quotes when a shell would take it apart or read something into it", () => {
    const ask = (text: string) => execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
    for (const text of ["acme", "acme tours", 'o\'neill & "sons"', "$HOME", "`id`", "a;b", "東京", "*", "\\"]) {
      assert.equal(ask(text), text);
    }
    assert.equal(shellWord("default"), "default");
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
