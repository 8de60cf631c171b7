import type { AllocateJob, DeliverJob } from "./job.ts";
import { keyPrefix, queueName } from "./partition.ts";

/**
 * A kind of job. Each of its jobs serves one lane (a partition, an endpoint): at most one job per lane is active and one is
 * waiting, however often it is enqueued.
 */
export type Lanes<Job> = Readonly<{
  jobName: string;
  /** `keyPrefix` keeps a queue's keys on one node of a Redis Cluster. */
  queues: readonly Readonly<{ name: string; keyPrefix: string }>[];
  queueIndexOf: (job: Job) => number;
  /** Jobs with the same id are one job. */
  laneIdOf: (job: Job) => string;
}>;

/** Partitions, each with a queue of its own: what is served at the same time is on as many nodes as there are. */
export function allocateLanes(partitionCount: number): Lanes<AllocateJob> {
  return {
    jobName: "allocate",
    queues: Array.from({ length: partitionCount }, (_, partition) => ({
      name: queueName(partition),
      keyPrefix: keyPrefix(partition),
    })),
    queueIndexOf: ({ partition }) => partition,
    laneIdOf: ({ partition }) => `partition-${partition}`,
  };
}

/** Webhook endpoints, in one queue: their jobs wait for receivers, not for a processor. */
export const deliverLanes: Lanes<DeliverJob> = {
  jobName: "deliver",
  queues: [{ name: "deliver", keyPrefix: "{onsale-deliver}" }],
  queueIndexOf: () => 0,
  laneIdOf: ({ endpointId }) => `endpoint-${endpointId}`,
};
