/** The name of a partition's queue. */
export function queueName(partition: number): string {
  return `allocate-${partition}`;
}

/** The prefix of a partition's Redis keys; the hash tag keeps one queue's keys on one node of a cluster. */
export function keyPrefix(partition: number): string {
  return `{onsale-${partition}}`;
}
