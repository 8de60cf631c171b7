// Events are spread over 64 buckets, and the buckets over the partitions of an installation. One worker at a time
// decides a bucket's orders, in arrival order. The last decided order is stored per bucket, so the number of partitions
// may change between two starts.

/** Also the highest number of partitions. The migrations have this number as `event_id & 63`. */
export const bucketCount = 64;

/** The bucket of an event. Ids rise by one, so the remainder spreads events evenly. */
export function bucketOf(eventId: number): number {
  return eventId % bucketCount;
}

/** The partition that serves an event. */
export function partitionOf(eventId: number, partitionCount: number): number {
  return bucketOf(eventId) % partitionCount;
}

/** The buckets of a partition, rising. */
export function bucketsOf(partition: number, partitionCount: number): number[] {
  return Array.from({ length: bucketCount }, (_, bucket) => bucket).filter(
    (bucket) => bucket % partitionCount === partition,
  );
}
