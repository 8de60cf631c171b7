import { type DefaultJobOptions, type IQueueBackend, Queue } from "bullmq";
import { connect, type QueueSource } from "./backend.ts";

/** How many finished jobs each queue keeps, for people who watch it. */
export const keptCount = 100;

/** Queues of one kind of job, on one connection. */
export type Queues<Job> = Readonly<{
  queues: readonly Queue<Job, unknown, string, Job, unknown, string, IQueueBackend>[];
  close: () => Promise<void>;
}>;

/**
 * Opens queues by their names, to enqueue jobs or to read and change them, but not to process them. Commands fail
 * quickly when Redis cannot be reached.
 *
 * @param onError told each error of a connection; BullMQ connects again by itself
 */
export function openQueues<Job>(
  source: QueueSource,
  named: readonly Readonly<{ name: string; keyPrefix: string }>[],
  onError: (error: Error) => void,
  defaultJobOptions: DefaultJobOptions = {},
): Queues<Job> {
  const { connection, factory, close } = connect(source, "producer", onError);
  const queues = named.map(({ name, keyPrefix }) => {
    const options = {
      connection,
      ...(source.kind === "redis" ? { prefix: keyPrefix } : {}),
      // Without both, a queue that is opened while Redis is down rejects every command from then on.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      defaultJobOptions,
    };
    const queue = new Queue<Job, unknown, string, Job, unknown, string, IQueueBackend>(name, options, factory);
    queue.on("error", onError);
    return queue;
  });
  return {
    queues,
    close: async () => {
      // A queue whose Redis is unreachable cannot close in order; `close` cuts its connection.
      await Promise.allSettled(queues.map((queue) => queue.close()));
      close();
    },
  };
}

/** A queue of BullMQ, whose types leave "paused" out of the states that can be asked for. */
type CountingQueue = Readonly<{ getJobCounts(...states: string[]): Promise<Readonly<Record<string, number>>> }>;

const states = ["active", "completed", "delayed", "failed", "paused", "prioritized", "waiting", "waiting-children"];

/**
 * How many jobs a queue has, by state. The jobs of a paused queue count as "waiting": BullMQ counts them so on Redis,
 * but as "paused" on PostgreSQL.
 */
export async function countJobs(queue: CountingQueue): Promise<Record<string, number>> {
  const { paused = 0, waiting = 0, ...counts } = await queue.getJobCounts(...states);
  return { ...counts, waiting: waiting + paused };
}
