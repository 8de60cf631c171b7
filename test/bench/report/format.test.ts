import { strict as assert } from "node:assert";
import { test } from "node:test";
import { formatCount, formatMs, formatRatio, formatSpread } from "./format.ts";
import { timeLeft } from "./progress.ts";

test("figures have about three significant digits", () => {
  assert.deepEqual([12_345, 999, 3.4].map(formatCount), ["12,300", "999", "3"]);
  assert.deepEqual([123.4, 12.34, 1.234, 0.0456].map(formatMs), ["123", "12.3", "1.23", "0.05"]);
  assert.equal(formatRatio(21.34), "21.3");
});

test("a figure that was not measured is a dash, never a zero", () => {
  assert.deepEqual([undefined, Number.NaN].map(formatCount), ["–", "–"]);
  assert.equal(formatSpread(undefined, formatCount), "–");
});

test("the spread of one round is its figure alone", () => {
  assert.equal(formatSpread({ median: 5, min: 5, max: 5 }, formatCount), "5");
  assert.equal(formatSpread({ median: 5, min: 4, max: 9 }, formatCount), "5 (4..9)");
});

test("time left is minutes and seconds, and empty while it is unknown", () => {
  assert.deepEqual([187_400, 0, undefined].map(timeLeft), ["3:07 left", "0:00 left", ""]);
});
