import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keyPrefix, partitionOf, queueName } from "./partition.ts";

const partitionCounts = fc.integer({ min: 1, max: 64 });
const eventIds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe("a partition", () => {
  it("serves an event always, and is one of those that exist", () => {
    fc.assert(
      fc.property(eventIds, partitionCounts, (eventId, count) => {
        const partition = partitionOf(eventId, count);
        assert(Number.isInteger(partition) && partition >= 0 && partition < count);
        assert.equal(partitionOf(eventId, count), partition);
      }),
    );
  });

  it("gets as many as any other of events that were created one after the other", () => {
    fc.assert(
      fc.property(eventIds, partitionCounts, (firstId, count) => {
        const partitions = Array.from({ length: count }, (_, index) => partitionOf(firstId + index, count));
        assert.equal(new Set(partitions).size, count);
      }),
    );
  });

  it("has a queue and Redis keys of its own", () => {
    const partitions = Array.from({ length: 64 }, (_, partition) => partition);
    assert.equal(new Set(partitions.map(queueName)).size, 64);
    assert.equal(new Set(partitions.map(keyPrefix)).size, 64);
  });

  it("has one hash tag before all its keys, so that a cluster keeps them together", () => {
    for (const partition of [0, 7, 63]) assert.match(keyPrefix(partition), /^\{[^{}]+\}$/);
  });
});
