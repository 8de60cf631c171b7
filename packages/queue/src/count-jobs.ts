/** A queue of BullMQ, whose types leave "paused" out of the states that can be asked for. */
type CountingQueue = Readonly<{ getJobCounts(...states: string[]): Promise<Readonly<Record<string, number>>> }>;

const states = ["active", "completed", "delayed", "failed", "paused", "prioritized", "waiting", "waiting-children"];

/**
 * How many jobs a queue has, by state. Those of a paused queue wait as all others do: on Redis BullMQ counts them under
 * "waiting", on PostgreSQL under "paused" alone.
 */
export async function countJobs(queue: CountingQueue): Promise<Record<string, number>> {
  const { paused = 0, waiting = 0, ...counts } = await queue.getJobCounts(...states);
  return { ...counts, waiting: waiting + paused };
}
