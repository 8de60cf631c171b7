import { randomUUID } from "node:crypto";
import { type IQueueBackend, Queue } from "bullmq";
import { connect, type QueueSource } from "./backend.ts";
import { countJobs } from "./count-jobs.ts";
import type { Lanes } from "./lanes.ts";

export type Producer<Job> = Readonly<{
  /**
   * Sees to it that the job's lane will be looked at after this moment.
   *
   * @returns whether this made a new job, rather than finding one that waits
   * @throws when the queue cannot be reached; what was to be done is in PostgreSQL, and is found there
   */
  enqueue: (job: Job) => Promise<boolean>;
  /** How many jobs there are, by queue and state. */
  countJobs: () => Promise<Record<string, Record<string, number>>>;
  close: () => Promise<void>;
}>;

/** How many finished jobs each queue remembers, for people who look at it. */
const keptCount = 100;

export function openProducer<Job>(
  source: QueueSource,
  lanes: Lanes<Job>,
  onError: (error: Error) => void,
): Producer<Job> {
  const { connection, factory, close } = connect(source, "producer", onError);
  const queues = lanes.queues.map(({ name, keyPrefix }) => {
    const queue = new Queue<Job, unknown, string, Job, unknown, string, IQueueBackend>(
      name,
      {
        connection,
        ...(source.kind === "redis" ? { prefix: keyPrefix } : {}),
        // Without both, a producer that starts while Redis is down rejects for ever.
        skipWaitingForReady: true,
        skipVersionCheck: true,
        defaultJobOptions: { removeOnComplete: { count: keptCount }, removeOnFail: { count: keptCount } },
      },
      factory,
    );
    queue.on("error", onError);
    return queue;
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
    close: async () => {
      // A queue whose Redis is gone cannot say goodbye; its connection is cut right after.
      await Promise.allSettled(queues.map((queue) => queue.close()));
      close();
    },
  };
}
