// Opens the queues of an installation from a test: as its services do, or as another tool of BullMQ would.
import { createPool } from "@onsale/database/client";
import { type QueueSource, queueSettings } from "@onsale/queue/backend";
import { allocateLanes, deliverLanes } from "@onsale/queue/lanes";
import { openQueues } from "@onsale/queue/queues";
import type { AnyQueue } from "@onsale/queue/restrictions";
import { atEnd } from "../cleanup.ts";
import { until } from "../until.ts";
import type { Environment } from "./services.ts";

const ignore = () => undefined;

/** The backend of an installation's queues. */
export function queueSourceOf({ REDIS_URL, DATABASE_URL = "" }: Environment): QueueSource {
  if (REDIS_URL !== undefined) return { kind: "redis", urls: [REDIS_URL] };
  const connection = { url: DATABASE_URL, connectionCountMax: 6, applicationName: "onsale-test" };
  const pool = createPool({ ...connection, settings: queueSettings, onIdleError: ignore });
  atEnd(() => pool.end());
  return { kind: "postgres", pool };
}

/** A queue with all methods of BullMQ, as another tool has it; its tables exist. */
export async function openQueue(source: QueueSource, name: string): Promise<AnyQueue> {
  const named = [...allocateLanes(64).queues, ...deliverLanes.queues].filter((one) => one.name === name);
  const { queues, close } = openQueues<unknown>(source, named, ignore);
  atEnd(close);
  const [queue] = queues;
  if (queue === undefined) throw new Error(`there is no queue ${name}`);
  await until("the queue answers", () => queue.getMeta());
  return queue;
}

/** Ways to restrict a queue, by the kind that they are read as. All are methods of BullMQ. */
export const restrict = {
  paused: (queue: AnyQueue) => queue.pause(),
  "rate-limit": (queue: AnyQueue) => queue.setGlobalRateLimit(1, 10_000),
  concurrency: (queue: AnyQueue) => queue.setGlobalConcurrency(1),
  "foreign-jobs": (queue: AnyQueue) => queue.add("mail", {}, { delay: 3_600_000 }),
} as const;
