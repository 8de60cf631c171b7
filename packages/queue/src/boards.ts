// The queues for people who watch them: their state, and the objects that Bull Board shows.
import { Queue } from "bullmq";
import type { QueueSource } from "./backend.ts";
import { countJobs, openQueues } from "./queues.ts";
import { type AnyQueue, type Restriction, readRestrictions, removeRestrictions } from "./restrictions.ts";

export type { Queue };

/** How many jobs a queue has, by state, and what keeps workers from taking them. */
export type QueueState = Readonly<{
  name: string;
  counts: Readonly<Record<string, number>>;
  restrictions: readonly Restriction[];
}>;

/** What people may do to a queue. None of it loses an order or a delivery: those are in PostgreSQL. */
export type QueueAction = "pause" | "release" | "remove-failed";

/** The queues of an installation, for people who watch and change them. */
export type Boards = Readonly<{
  /** With the types that Bull Board asks for. */
  queues: readonly Queue[];
  /** @throws when the queues cannot be reached */
  readStates: () => Promise<QueueState[]>;
  /**
   * `pause`: workers take no job until the queue is released. `release`: removes all that restricts the queue.
   * `remove-failed`: forgets the failed jobs.
   *
   * @returns whether there is a queue of this name
   * @throws when the queue cannot be reached
   */
  act: (name: string, action: QueueAction) => Promise<boolean>;
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
    const [counts, restrictions] = await Promise.all([countJobs(queue), readRestrictions(queue)]);
    return { name: queue.name, counts, restrictions };
  };
  return {
    queues: queues.map(forBullBoard),
    readStates: () => Promise.all(queues.map(readState)),
    act: async (name, action) => {
      const queue = queues.find((one) => one.name === name);
      if (queue !== undefined) await actions[action](queue);
      return queue !== undefined;
    },
    check: async () => {
      await queues[0]?.isPaused();
    },
    close,
  };
}

const actions: Readonly<Record<QueueAction, (queue: AnyQueue) => Promise<unknown>>> = {
  pause: (queue) => queue.pause(),
  release: removeRestrictions,
  "remove-failed": (queue) => queue.clean(0, Number.MAX_SAFE_INTEGER, "failed"),
};

/** Bull Board's types describe queues on Redis only, but it works with either backend. */
function forBullBoard(queue: object): Queue {
  if (!(queue instanceof Queue)) throw new TypeError("Bull Board shows queues of BullMQ");
  return queue;
}
