import { type IQueueBackend, Worker } from "bullmq";
import { connect, type QueueSource } from "./backend.ts";
import type { AllocateJob, AllocateJobName, AllocateResult } from "./job.ts";
import { keyPrefix, queueName } from "./partition.ts";

export type Consumer = Readonly<{
  /** Stops taking jobs and waits for those that run. */
  close: () => Promise<void>;
}>;

export type ConsumerOptions = Readonly<{
  partitionCount: number;
  /** Events served at the same time, per partition. */
  concurrency: number;
  handle: (job: AllocateJob) => Promise<AllocateResult>;
  /** A job failed, or the connection did. Neither ends the consumer. */
  onError: (error: Error) => void;
}>;

/** A worker that was killed loses its jobs' locks after this time, and another one takes them over. */
const lockDurationMs = 3_000;
const stalledIntervalMs = 1_000;
/** BullMQ calls this option internal, but its default, 15 s, was the longest part of every recovery of PostgreSQL. */
const runRetryDelayMs = 250;

/** Serves all partitions. */
export function openConsumer(source: QueueSource, options: ConsumerOptions): Consumer {
  const { partitionCount, concurrency, handle, onError } = options;
  const { connection, factory, close } = connect(source, "consumer", onError);
  const workers = Array.from({ length: partitionCount }, (_, partition) => {
    const worker = new Worker<AllocateJob, AllocateResult, AllocateJobName, IQueueBackend>(
      queueName(partition),
      (job) => handle(job.data),
      {
        connection,
        ...(source.kind === "redis" ? { prefix: keyPrefix(partition) } : {}),
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
