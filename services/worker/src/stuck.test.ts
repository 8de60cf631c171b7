import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createStuckDetector } from "./stuck.ts";

test("a bucket whose first pending order stays the same is stuck after some time", () => {
  const look = createStuckDetector(4_000);
  assert.deepEqual(look([{ bucket: 3, seq: 10 }], 1_000), []);
  assert.deepEqual(look([{ bucket: 3, seq: 10 }], 4_999), []);
  assert.deepEqual(look([{ bucket: 3, seq: 10 }], 5_000), [3]);
  assert.deepEqual(look([{ bucket: 3, seq: 10 }], 6_000), [3]);
});

test("a bucket that moves is not, however long its backlog", () => {
  const look = createStuckDetector(4_000);
  for (let nowMs = 0; nowMs < 20_000; nowMs += 1_000) assert.deepEqual(look([{ bucket: 3, seq: nowMs }], nowMs), []);
});

test("a bucket that had nothing pending in between begins again", () => {
  const look = createStuckDetector(4_000);
  const found = [{ bucket: 3, seq: 10 }];
  assert.deepEqual([look(found, 0), look([], 2_000), look(found, 4_500)], [[], [], []]);
});

test("each bucket counts for itself", () => {
  const look = createStuckDetector(4_000);
  look([{ bucket: 1, seq: 5 }], 0);
  const both = [
    { bucket: 1, seq: 5 },
    { bucket: 2, seq: 6 },
  ];
  assert.deepEqual(look(both, 4_000), [1]);
  assert.deepEqual(look(both, 8_000), [1, 2]);
});
