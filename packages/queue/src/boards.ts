import { type IQueueBackend, Queue } from "bullmq";
import { connect, type QueueSource } from "./backend.ts";
import { countJobs } from "./count-jobs.ts";

export type { Queue };

/** How a queue stands. */
export type QueueState = Readonly<{ name: string; isPaused: boolean; counts: Readonly<Record<string, number>> }>;

/** The queues of an installation, for people who look at them, pause them and try failed jobs again. */
export type Boards = Readonly<{
  /** As Bull Board takes them. */
  queues: readonly Queue[];
  /** @throws when the queues cannot be reached */
  readStates: () => Promise<QueueState[]>;
  /**
   * Asks one queue as little as there is to ask.
   *
   * @throws when it cannot be reached
   */
  check: () => Promise<void>;
  close: () => Promise<void>;
}>;

/** Opens queues by their names, without a worker and without enqueueing anything. */
export function openBoards(
  source: QueueSource,
  named: readonly Readonly<{ name: string; keyPrefix: string }>[],
  onError: (error: Error) => void,
): Boards {
  // People are answered that a Redis is gone as quickly as producers are.
  const { connection, factory, close } = connect(source, "producer", onError);
  const queues = named.map(({ name, keyPrefix }) => {
    const options = {
      connection,
      ...(source.kind === "redis" ? { prefix: keyPrefix } : {}),
      skipWaitingForReady: true,
      skipVersionCheck: true,
    };
    const queue = new Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend>(name, options, factory);
    queue.on("error", onError);
    return queue;
  });
  const readState = async (queue: (typeof queues)[number]): Promise<QueueState> => {
    const [isPaused, counts] = await Promise.all([queue.isPaused(), countJobs(queue)]);
    return { name: queue.name, isPaused, counts };
  };
  return {
    queues: queues.map(forBullBoard),
    readStates: () => Promise.all(queues.map(readState)),
    check: async () => {
      await queues[0]?.isPaused();
    },
    close: async () => {
      await Promise.allSettled(queues.map((queue) => queue.close()));
      close();
    },
  };
}

/** Bull Board describes a queue by Redis's types alone, and brings this check; it works with either backend. */
function forBullBoard(queue: object): Queue {
  if (!(queue instanceof Queue)) throw new TypeError("Bull Board shows queues of BullMQ");
  return queue;
}
