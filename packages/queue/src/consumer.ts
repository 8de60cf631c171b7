import { type IQueueBackend, Worker } from "bullmq";
import { connect, type QueueSource } from "./backend.ts";
import type { Lanes } from "./lanes.ts";

export type Consumer = Readonly<{
  /** Stops taking jobs and waits for those that run. */
  close: () => Promise<void>;
}>;

export type ConsumerOptions<Job, Result> = Readonly<{
  lanes: Lanes<Job>;
  /** Lanes served at the same time, per queue. */
  concurrency: number;
  handle: (job: Job) => Promise<Result>;
  /** A job failed, or the connection did. Neither ends the consumer. */
  onError: (error: Error) => void;
}>;

/** A worker that was killed loses its jobs' locks after this time, and another one takes them over. */
const lockDurationMs = 3_000;
const stalledIntervalMs = 1_000;
/** BullMQ calls this option internal, but its default, 15 s, was the longest part of every recovery of PostgreSQL. */
const runRetryDelayMs = 250;

/** Serves all queues of a kind of job. */
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
        // Being taken over is normal here; a job is never given up for it.
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
