// A lane is the part of the work that one job at a time does: the pending orders of a partition, or the due deliveries
// of a webhook endpoint. A lane has at most one active and one waiting job, however often it is enqueued.

/** The lanes of one kind of job, and the queues that they are in. */
export type Lanes<Job> = Readonly<{
  jobName: string;
  /** `keyPrefix` keeps a queue's keys on one node of a Redis Cluster. */
  queues: readonly Readonly<{ name: string; keyPrefix: string }>[];
  queueIndexOf: (job: Job) => number;
  /** Whether a job's data, which anybody with access to the queue can write, are those of a job of this kind. */
  isJob: (data: unknown) => data is Job;
  /** Jobs of the same lane are one job to BullMQ (deduplication). */
  laneIdOf: (job: Job) => string;
}>;

/** Asks a worker to decide the pending orders of a partition. It never names single orders. */
export type AllocateJob = Readonly<{ partition: number }>;

/** The result of a finished job, for people who watch the queue. */
export type AllocateResult = Readonly<{
  /** Orders that got their first decision. */
  decided: number;
  confirmed: number;
  rejected: number;
  batches: number;
  durationMs: number;
  /** The events with the most decisions, at most 10. */
  events: readonly Readonly<{ eventId: number; decided: number }>[];
}>;

/** Asks a notifier to send an endpoint its due deliveries. It names the endpoint, never single deliveries. */
export type DeliverJob = Readonly<{ endpointId: string }>;

/** The result of a finished job: attempts by how they ended. */
export type DeliverResult = Readonly<{ delivered: number; failed: number; durationMs: number }>;

/** The name of a partition's queue. */
export function queueName(partition: number): string {
  return `allocate-${partition}`;
}

/** Partitions. Each has a queue of its own, so a Redis Cluster spreads them over its nodes. */
export function allocateLanes(partitionCount: number): Lanes<AllocateJob> {
  return {
    jobName: "allocate",
    queues: Array.from({ length: partitionCount }, (_, partition) => ({
      name: queueName(partition),
      keyPrefix: `{onsale-${partition}}`,
    })),
    queueIndexOf: ({ partition }) => partition,
    isJob: (data): data is AllocateJob => {
      const partition = fieldOf(data, "partition");
      return (
        typeof partition === "number" && Number.isInteger(partition) && partition >= 0 && partition < partitionCount
      );
    },
    laneIdOf: ({ partition }) => `partition-${partition}`,
  };
}

/** Webhook endpoints. All are in one queue: their jobs wait for receivers and cost little processor time. */
export const deliverLanes: Lanes<DeliverJob> = {
  jobName: "deliver",
  queues: [{ name: "deliver", keyPrefix: "{onsale-deliver}" }],
  queueIndexOf: () => 0,
  isJob: (data): data is DeliverJob => uuid.test(String(fieldOf(data, "endpointId"))),
  laneIdOf: ({ endpointId }) => `endpoint-${endpointId}`,
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function fieldOf(data: unknown, name: string): unknown {
  return typeof data === "object" && data !== null ? Reflect.get(data, name) : undefined;
}
