import { randomUUID } from "node:crypto";
import { type IQueueBackend, Queue } from "bullmq";
import { connect, type QueueSource } from "./backend.ts";
import {
  type AllocateJob,
  type AllocateJobName,
  type AllocateResult,
  allocateJobName,
  deduplicationId,
} from "./job.ts";
import { keyPrefix, partitionOf, queueName } from "./partition.ts";

export type Producer = Readonly<{
  /**
   * Sees to it that the event's pending orders will be looked at after this moment: one `allocate` job per event is
   * active at most, and one is waiting.
   *
   * @returns whether this made a new job, rather than finding one that waits
   * @throws when the queue cannot be reached; the orders are safe, and the reconciler finds them
   */
  enqueue: (job: AllocateJob) => Promise<boolean>;
  /** How many jobs there are, by queue and state. */
  countJobs: () => Promise<Record<string, Record<string, number>>>;
  close: () => Promise<void>;
}>;

/** How many finished jobs each queue remembers, for people who look at it. */
const keptCount = 100;

export function openProducer(source: QueueSource, partitionCount: number, onError: (error: Error) => void): Producer {
  const { connection, factory, close } = connect(source, "producer", onError);
  const queues = Array.from({ length: partitionCount }, (_, partition) => {
    const queue = new Queue<
      AllocateJob,
      AllocateResult,
      AllocateJobName,
      AllocateJob,
      AllocateResult,
      AllocateJobName,
      IQueueBackend
    >(
      queueName(partition),
      {
        connection,
        ...(source.kind === "redis" ? { prefix: keyPrefix(partition) } : {}),
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
      const queue = queues[partitionOf(job.eventId, partitionCount)];
      if (queue === undefined) throw new Error(`no queue serves event ${job.eventId}`);
      const jobId = `${deduplicationId(job.eventId)}-${randomUUID()}`;
      const deduplication = { id: deduplicationId(job.eventId), keepLastIfActive: true };
      const added = await queue.add(allocateJobName, job, { jobId, deduplication });
      return added.id === jobId;
    },
    countJobs: async () => {
      const counts = queues.map(async (queue) => [queue.name, await queue.getJobCounts()] as const);
      return Object.fromEntries(await Promise.all(counts));
    },
    close: async () => {
      // A queue whose Redis is gone cannot say goodbye; its connection is cut right after.
      await Promise.allSettled(queues.map((queue) => queue.close()));
      close();
    },
  };
}
