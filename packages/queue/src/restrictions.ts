// What can keep workers from a queue's jobs although both are there. Onsale never sets any of it; people do, and other
// tools of BullMQ. Each of these slows or stops a queue without an error anywhere, so it is read and shown.
import type { IQueueBackend, Queue } from "bullmq";

/**
 * The kinds of restrictions:
 *
 * - `paused`: no job is taken.
 * - `rate-limit`: so many jobs in so much time, or none for some time.
 * - `concurrency`: so many active jobs over all workers; one endpoint's job then waits for another's.
 * - `foreign-jobs`: jobs that are delayed, have a priority or wait for children, and jobs to come of a job scheduler.
 *   Onsale adds none of these. A delayed one may bear a lane's deduplication id, and then the lane gets no other job.
 */
export const restrictionKinds = ["paused", "rate-limit", "concurrency", "foreign-jobs"] as const;

/** What keeps workers from a queue's jobs; `text` says it with its figures, such as "at most 1 job per 10 s". */
export type Restriction = Readonly<{ kind: (typeof restrictionKinds)[number]; text: string }>;

/** Any queue of BullMQ, on either backend. */
export type AnyQueue = Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend>;

/** The queue's methods that a reading needs; the types of its jobs do not matter. */
type ReadableQueue = Pick<AnyQueue, "getMeta" | "getRateLimitTtl" | "getJobSchedulersCount"> &
  Readonly<{ getJobCountByTypes(...types: (typeof foreignStates)[number][]): Promise<number> }>;

const foreignStates = ["delayed", "prioritized", "waiting-children"] as const;
const removedAtOnceMax = 100;

/** @returns what restricts a queue at present; nothing when its workers may take every job */
export async function readRestrictions(queue: ReadableQueue): Promise<Restriction[]> {
  const [{ paused, max, duration, concurrency }, limitedForMs, foreignJobs, schedulers] = await Promise.all([
    queue.getMeta(),
    queue.getRateLimitTtl(),
    queue.getJobCountByTypes(...foreignStates),
    queue.getJobSchedulersCount(),
  ]);
  const found: (Restriction | false)[] = [
    paused === true && { kind: "paused", text: "paused" },
    describeRateLimit(max, duration, limitedForMs),
    concurrency !== undefined && { kind: "concurrency", text: `at most ${count(concurrency, "job")} at a time` },
    describeForeignJobs(foreignJobs + schedulers),
  ];
  return found.filter((one) => one !== false);
}

function describeRateLimit(
  jobCountMax: number | undefined,
  durationMs: number | undefined,
  limitedForMs: number,
): Restriction | false {
  if (jobCountMax !== undefined && durationMs !== undefined) {
    return { kind: "rate-limit", text: `at most ${count(jobCountMax, "job")} per ${durationMs / 1_000} s` };
  }
  return limitedForMs > 0 && { kind: "rate-limit", text: `no job for ${Math.ceil(limitedForMs / 1_000)} s` };
}

function describeForeignJobs(number: number): Restriction | false {
  return number > 0 && { kind: "foreign-jobs", text: `${count(number, "job")} that Onsale did not add` };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Removes everything that restricts a queue. Jobs of Onsale that were waiting stay, and are taken at once. */
export async function removeRestrictions(queue: AnyQueue): Promise<void> {
  await removeForeignJobs(queue);
  await queue.removeGlobalRateLimit();
  await queue.removeRateLimitKey();
  await queue.removeGlobalConcurrency();
  await queue.resume();
}

async function removeForeignJobs(queue: AnyQueue): Promise<void> {
  // First, because the next job of a scheduler cannot be removed on its own.
  for (const { key } of await queue.getJobSchedulers()) await queue.removeJobScheduler(key);
  for (let removedCount = removedAtOnceMax; removedCount === removedAtOnceMax; ) {
    const jobs = await queue.getJobs([...foreignStates], 0, removedAtOnceMax - 1);
    await Promise.all(jobs.map((job) => job.remove()));
    removedCount = jobs.length;
  }
}
