// Events are spread over a fixed number of buckets, and the buckets over the partitions of an installation. The orders
// of a bucket are decided in arrival order, by one worker at a time; how far that got is kept per bucket, so the number of
// partitions may change between two starts.

/** Also the most partitions that there can be. The migrations know this number as `event_id & 63`. */
export const bucketCount = 64;

/** Ids are handed out one by one, so the remainder spreads events evenly. */
export function bucketOf(eventId: number): number {
  return eventId % bucketCount;
}

/** The partition that serves an event. */
export function partitionOf(eventId: number, partitionCount: number): number {
  return bucketOf(eventId) % partitionCount;
}

/** The buckets that a partition serves, rising. */
export function bucketsOf(partition: number, partitionCount: number): number[] {
  return Array.from({ length: bucketCount }, (_, bucket) => bucket).filter(
    (bucket) => bucket % partitionCount === partition,
  );
}
