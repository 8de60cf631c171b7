import { strict as assert } from "node:assert";
import { it } from "node:test";
import { moreOf } from "./list.ts";

it("the line below a list says how much it left out, and whether it knows that exactly", () => {
  const items = ["one", "two"];
  assert.equal(moreOf({ items, total: 2, totalIsExact: true }), "");
  assert.equal(moreOf({ items, total: 10_000, totalIsExact: true }), "\n2 of 10,000; --limit shows more");
  assert.equal(moreOf({ items, total: 601_973, totalIsExact: false }), "\n2 of about 600,000; --limit shows more");
});
