// Takes jobs from the queues of one kind, and hands each to a function.
import { type IQueueBackend, Worker } from "bullmq";
import { connect, type QueueSource } from "./backend.ts";
import type { Lanes } from "./lanes.ts";

export type Consumer = Readonly<{
  /** Takes no further job and waits for those that run. */
  close: () => Promise<void>;
}>;

export type ConsumerOptions<Job, Result> = Readonly<{
  lanes: Lanes<Job>;
  /** Jobs that run at the same time, per queue. */
  concurrency: number;
  handle: (job: Job) => Promise<Result>;
  /** Told about failed jobs and failed connections. Neither ends the consumer. */
  onError: (error: Error) => void;
}>;

/** The locks of a killed process's jobs expire after this time, and another process takes the jobs over. */
const lockDurationMs = 3_000;
const stalledIntervalMs = 1_000;
/** BullMQ calls this option internal, but its default of 15 s was the longest part of each recovery of PostgreSQL. */
const runRetryDelayMs = 250;

/** Runs the jobs of all queues of a kind of job. */
export function openConsumer<Job, Result>(source: QueueSource, options: ConsumerOptions<Job, Result>): Consumer {
  const { lanes, concurrency, handle, onError } = options;
  const { connection, factory, close } = connect(source, "consumer", onError);
  const workers = lanes.queues.map(({ name, keyPrefix }) => {
    const worker = new Worker<Job, Result, string, IQueueBackend>(
      name,
      (job) => handle(job.data),
      {
        connection,
        ...(source.kind === "redis" ? { prefix: keyPrefix } : {}),
        concurrency,
        lockDuration: lockDurationMs,
        stalledInterval: stalledIntervalMs,
        runRetryDelay: runRetryDelayMs,
        // A job may be taken over any number of times: that is no reason to fail it.
        maxStalledCount: 1_000_000,
      },
      factory,
    );
    worker.on("error", onError);
    worker.on("failed", (_job, error) => onError(error));
    return worker;
  });
  return {
    close: async () => {
      await Promise.allSettled(workers.map((worker) => worker.close()));
      close();
    },
  };
}
