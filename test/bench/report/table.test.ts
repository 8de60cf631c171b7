import { strict as assert } from "node:assert";
import { test } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import { renderMarkdown, renderText } from "./table.ts";

const table = {
  title: "Orders",
  head: ["contestant", "orders/s"],
  rows: [
    ["one", styleText("green", "9,000", { validateStream: false })],
    ["one | two", "10"],
  ],
};

test("columns are aligned, also with coloured cells", () => {
  const lines = stripVTControlCharacters(renderText(table)).split("\n");
  assert.deepEqual(lines.slice(3), ["one            9,000", "one | two         10"]);
});

test("a Markdown table has no colours, and escapes the cell separator", () => {
  const lines = renderMarkdown(table).split("\n");
  assert.deepEqual(lines.slice(2), [
    "| contestant | orders/s |",
    "| --- | --: |",
    "| one | 9,000 |",
    "| one \\| two | 10 |",
  ]);
});
