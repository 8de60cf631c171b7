import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createStallDetector } from "./stalled.ts";

test("a bucket whose first pending order stays the same is stalled after some time", () => {
  const find = createStallDetector(4_000);
  assert.deepEqual(find([{ bucket: 3, seq: 10 }], 1_000), []);
  assert.deepEqual(find([{ bucket: 3, seq: 10 }], 4_999), []);
  assert.deepEqual(find([{ bucket: 3, seq: 10 }], 5_000), [3]);
  assert.deepEqual(find([{ bucket: 3, seq: 10 }], 6_000), [3]);
});

test("a bucket that makes progress is not stalled, however long its backlog", () => {
  const find = createStallDetector(4_000);
  for (let nowMs = 0; nowMs < 20_000; nowMs += 1_000) assert.deepEqual(find([{ bucket: 3, seq: nowMs }], nowMs), []);
});

test("a bucket that had nothing pending in between is measured anew", () => {
  const find = createStallDetector(4_000);
  const found = [{ bucket: 3, seq: 10 }];
  assert.deepEqual([find(found, 0), find([], 2_000), find(found, 4_500)], [[], [], []]);
});

test("each bucket is measured on its own", () => {
  const find = createStallDetector(4_000);
  find([{ bucket: 1, seq: 5 }], 0);
  const both = [
    { bucket: 1, seq: 5 },
    { bucket: 2, seq: 6 },
  ];
  assert.deepEqual(find(both, 4_000), [1]);
  assert.deepEqual(find(both, 8_000), [1, 2]);
});
