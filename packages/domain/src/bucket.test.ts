import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bucketCount, bucketOf, bucketsOf, partitionOf } from "./bucket.ts";

const partitionCounts = fc.integer({ min: 1, max: bucketCount });
const eventIds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe("a partition", () => {
  it("exists for every event, and has the event's bucket", () => {
    fc.assert(
      fc.property(eventIds, partitionCounts, (eventId, count) => {
        const partition = partitionOf(eventId, count);
        assert(Number.isInteger(partition) && partition >= 0 && partition < count);
        assert(bucketsOf(partition, count).includes(bucketOf(eventId)));
      }),
    );
  });

  it("gets as many events as any other partition when they are created one after the other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), partitionCounts, (round, count) => {
        const firstId = round * bucketCount;
        const partitions = Array.from({ length: count }, (_, index) => partitionOf(firstId + index, count));
        assert.equal(new Set(partitions).size, count);
      }),
    );
  });

  it("shares no bucket with another one, and together the partitions have all buckets", () => {
    fc.assert(
      fc.property(partitionCounts, (count) => {
        const buckets = Array.from({ length: count }, (_, partition) => bucketsOf(partition, count)).flat();
        assert.equal(buckets.length, bucketCount);
        assert.equal(new Set(buckets).size, bucketCount);
      }),
    );
  });

  it("uses the same buckets as PostgreSQL: the last six bits", () => {
    fc.assert(fc.property(eventIds, (eventId) => bucketOf(eventId) === (eventId & 63)));
  });
});
