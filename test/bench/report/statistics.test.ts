import { strict as assert } from "node:assert";
import { test } from "node:test";
import { median, spread, spreadOfEach } from "./statistics.ts";

test("the median is the middle value, or the mean of the two middle ones", () => {
  assert.equal(median([9]), 9);
  assert.equal(median([10, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), RangeError);
});

test("a spread also has the lowest and the highest value", () => {
  assert.deepEqual(spread([300, 100, 200]), { median: 200, min: 100, max: 300 });
});

test("each figure has a spread, also when a round lacks it", () => {
  const rounds = [{ a: 1, b: 5 }, { a: 3 }, { a: 2, b: Number.NaN }];
  assert.deepEqual(spreadOfEach<"a" | "b">(rounds), {
    a: { median: 2, min: 1, max: 3 },
    b: { median: 5, min: 5, max: 5 },
  });
});
