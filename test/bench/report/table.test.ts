import { strict as assert } from "node:assert";
import { test } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import { renderMarkdown, renderText } from "./table.ts";

const table = {
  title: "Orders",
  head: ["who", "orders/s"],
  rows: [
    ["somebody", styleText("green", "9,000", { validateStream: false })],
    ["somebody | else", "10"],
  ],
};

test("columns are aligned, whatever colour their cells have", () => {
  const lines = stripVTControlCharacters(renderText(table)).split("\n");
  assert.deepEqual(lines.slice(3), ["somebody            9,000", "somebody | else        10"]);
});

test("a Markdown table has no colours, and what would end a cell is escaped", () => {
  const lines = renderMarkdown(table).split("\n");
  assert.deepEqual(lines.slice(2), [
    "| who | orders/s |",
    "| --- | --: |",
    "| somebody | 9,000 |",
    "| somebody \\| else | 10 |",
  ]);
});
