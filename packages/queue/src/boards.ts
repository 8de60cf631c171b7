// The queues for people who watch them: their state, and the objects that Bull Board shows.
import { Queue } from "bullmq";
import type { QueueSource } from "./backend.ts";
import { countJobs, openQueues } from "./queues.ts";

export type { Queue };

/** Whether a queue is paused, and how many jobs it has, by state. */
export type QueueState = Readonly<{ name: string; isPaused: boolean; counts: Readonly<Record<string, number>> }>;

/** The queues of an installation, for the admin service: people watch them, pause them and retry failed jobs. */
export type Boards = Readonly<{
  /** With the types that Bull Board asks for. */
  queues: readonly Queue[];
  /** @throws when the queues cannot be reached */
  readStates: () => Promise<QueueState[]>;
  /**
   * Sends one cheap command to the first queue.
   *
   * @throws when the queue cannot be reached
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
  const { queues, close } = openQueues<unknown>(source, named, onError);
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
    close,
  };
}

/** Bull Board's types describe queues on Redis only, but it works with either backend. */
function forBullBoard(queue: object): Queue {
  if (!(queue instanceof Queue)) throw new TypeError("Bull Board shows queues of BullMQ");
  return queue;
}
