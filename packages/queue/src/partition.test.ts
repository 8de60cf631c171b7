import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { keyPrefix, queueName } from "./partition.ts";

describe("a partition", () => {
  it("has a queue and Redis keys of its own", () => {
    const partitions = Array.from({ length: 64 }, (_, partition) => partition);
    assert.equal(new Set(partitions.map(queueName)).size, 64);
    assert.equal(new Set(partitions.map(keyPrefix)).size, 64);
  });

  it("has one hash tag before all its keys, so that a cluster keeps them together", () => {
    for (const partition of [0, 7, 63]) assert.match(keyPrefix(partition), /^\{[^{}]+\}$/);
  });
});
