// Takes jobs from the queues of one kind, and hands each to a function.
import { setTimeout as delay } from "node:timers/promises";
import { type IQueueBackend, UnrecoverableError, Worker } from "bullmq";
import { connect, type QueueSource, requirePool } from "./backend.ts";
import { startFastClocks } from "./fast-clocks.ts";
import type { Lanes } from "./lanes.ts";
import { keptCount } from "./queues.ts";

export type Consumer = Readonly<{
  /**
   * Takes no further job and waits for those that run. When they have ended and BullMQ cannot report that to its
   * Redis within 2 s, the connections are cut: a job's lock expires, and another worker finds nothing left to do.
   */
  close: () => Promise<void>;
}>;

export type ConsumerOptions<Job, Result> = Readonly<{
  lanes: Lanes<Job>;
  /** Jobs that run at the same time, per queue. */
  concurrency: number;
  /** Not called for a job that Onsale did not add: that fails for good, and changes nothing. */
  handle: (job: Job) => Promise<Result>;
  /** Told about failed jobs and failed connections. Neither ends the consumer. */
  onError: (error: Error) => void;
}>;

/** The locks of a killed process's jobs expire after this time, and another process takes the jobs over. */
const lockDurationMs = 3_000;
const stalledIntervalMs = 1_000;
/** BullMQ calls this option internal, but its default of 15 s was the longest part of each recovery of PostgreSQL. */
const runRetryDelayMs = 250;
/** A worker sleeps while its queue has a rate limit. BullMQ's default is 30 s, also after the limit was removed. */
const rateLimitSleepMaxMs = 1_000;
const reportMaxMs = 2_000;

/** Runs the jobs of all queues of a kind of job. */
export function openConsumer<Job, Result>(source: QueueSource, options: ConsumerOptions<Job, Result>): Consumer {
  const { lanes, concurrency, handle, onError } = options;
  const { connection, factory, close } = connect(source, "consumer", onError);
  const running = new Set<Promise<unknown>>();

  async function run(name: string, data: unknown, queueIndex: number): Promise<Result> {
    if (name !== lanes.jobName || !lanes.isJob(data) || lanes.queueIndexOf(data) !== queueIndex) {
      throw new UnrecoverableError(
        `this is no job of Onsale, so it was not run: only ${lanes.jobName} jobs belong here`,
      );
    }
    const result = handle(data);
    const ended = result.catch(() => undefined).finally(() => running.delete(ended));
    running.add(ended);
    return result;
  }

  const workers = lanes.queues.map(({ name: queueName, keyPrefix }, queueIndex) => {
    const worker = new Worker<unknown, Result, string, IQueueBackend>(
      queueName,
      (job) => run(job.name, job.data, queueIndex),
      {
        connection,
        ...(source.kind === "redis" ? { prefix: keyPrefix } : {}),
        concurrency,
        lockDuration: lockDurationMs,
        stalledInterval: stalledIntervalMs,
        runRetryDelay: runRetryDelayMs,
        // A job may be taken over any number of times: that is no reason to fail it.
        maxStalledCount: 1_000_000,
        maximumRateLimitDelay: rateLimitSleepMaxMs,
        // For jobs of others, which do not say it themselves.
        removeOnFail: { count: keptCount },
      },
      factory,
    );
    worker.on("error", onError);
    worker.on("failed", (_job, error) => onError(error));
    return worker;
  });
  const queueNames = lanes.queues.map(({ name }) => name);
  const fastClocks =
    source.kind === "postgres"
      ? startFastClocks(requirePool(source.pool), queueNames, lockDurationMs, onError)
      : undefined;

  async function jobsEnded(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  return {
    close: async () => {
      const fastClocksClosed = fastClocks?.close();
      const closing = Promise.allSettled(workers.map((worker) => worker.close()));
      await Promise.race([closing, jobsEnded().then(() => delay(reportMaxMs, undefined, { ref: false }))]);
      // A worker that has closed has no connection left.
      for (const worker of workers) void worker.disconnect().catch(() => undefined);
      await fastClocksClosed;
      close();
    },
  };
}
