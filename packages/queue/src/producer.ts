// Adds jobs to the queues of one kind: at most one active and one waiting job per lane.
import { randomUUID } from "node:crypto";
import type { QueueSource } from "./backend.ts";
import type { Lanes } from "./lanes.ts";
import { countJobs, openQueues } from "./queues.ts";

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
  close: () => Promise<void>;
}>;

/** How many finished jobs each queue keeps, for people who watch it. */
const keptCount = 100;

export function openProducer<Job>(
  source: QueueSource,
  lanes: Lanes<Job>,
  onError: (error: Error) => void,
): Producer<Job> {
  const { queues, close } = openQueues<Job>(source, lanes.queues, onError, {
    removeOnComplete: { count: keptCount },
    removeOnFail: { count: keptCount },
  });
  return {
    enqueue: async (job) => {
      const queue = queues[lanes.queueIndexOf(job)];
      const laneId = lanes.laneIdOf(job);
      if (queue === undefined) throw new Error(`no queue serves ${laneId}`);
      const jobId = `${laneId}-${randomUUID()}`;
      const added = await queue.add(lanes.jobName, job, {
        jobId,
        deduplication: { id: laneId, keepLastIfActive: true },
      });
      return added.id === jobId;
    },
    countJobs: async () => {
      const counts = queues.map(async (queue) => [queue.name, await countJobs(queue)] as const);
      return Object.fromEntries(await Promise.all(counts));
    },
    close,
  };
}
