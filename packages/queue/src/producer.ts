// Adds jobs to the queues of one kind: at most one active and one waiting job per lane.
import { randomUUID } from "node:crypto";
import type { QueueSource } from "./backend.ts";
import type { Lanes } from "./lanes.ts";
import { countJobs, keptCount, openQueues } from "./queues.ts";
import { type Restriction, readRestrictions } from "./restrictions.ts";

export type Producer<Job> = Readonly<{
  /**
   * Makes sure that a job of the lane starts after this moment.
   *
   * @returns whether this added a new job; false when an earlier one waits, or will run again
   * @throws when the queue cannot be reached; PostgreSQL knows what is to be done, and it is found there later
   */
  enqueue: (job: Job) => Promise<boolean>;
  /** How many jobs there are, by queue and state. */
  countJobs: () => Promise<Record<string, Record<string, number>>>;
  /** What keeps workers from a lane's jobs at present; nothing when the lane is served through its queue. */
  restrictionsOf: (job: Job) => Promise<readonly Restriction[]>;
  /** What keeps workers from each queue's jobs, by queue. */
  readRestrictions: () => Promise<Record<string, readonly Restriction[]>>;
  close: () => Promise<void>;
}>;

export function openProducer<Job>(
  source: QueueSource,
  lanes: Lanes<Job>,
  onError: (error: Error) => void,
): Producer<Job> {
  const { queues, close } = openQueues<Job>(source, lanes.queues, onError, {
    removeOnComplete: { count: keptCount },
    removeOnFail: { count: keptCount },
  });
  const queueOf = (job: Job) => {
    const queue = queues[lanes.queueIndexOf(job)];
    if (queue === undefined) throw new Error(`no queue serves ${lanes.laneIdOf(job)}`);
    return queue;
  };
  /** Reads something of each queue. */
  async function readAll<T>(read: (queue: (typeof queues)[number]) => Promise<T>): Promise<Record<string, T>> {
    return Object.fromEntries(await Promise.all(queues.map(async (queue) => [queue.name, await read(queue)] as const)));
  }
  return {
    enqueue: async (job) => {
      const queue = queueOf(job);
      const laneId = lanes.laneIdOf(job);
      const jobId = `${laneId}-${randomUUID()}`;
      const added = await queue.add(lanes.jobName, job, {
        jobId,
        deduplication: { id: laneId, keepLastIfActive: true },
      });
      return added.id === jobId;
    },
    countJobs: () => readAll(countJobs),
    restrictionsOf: (job) => readRestrictions(queueOf(job)),
    readRestrictions: () => readAll(readRestrictions),
    close,
  };
}
