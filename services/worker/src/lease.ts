// A lease is one job: a partition that is served by this process for a time slice. It is in one of three states:
//
// - `serving`: no batch has decided an order of it yet. It ends as soon as no order is known to be pending.
// - `grace`: a batch decided orders of it. It stays until the end of the idle grace to decide the next orders, because
//   gateways do not enqueue a partition that is served (enqueuer.ts).
// - `ended`: its job has its result.
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { AllocateResult } from "@onsale/queue/lanes";
import type { DecidedEntry } from "./decided-event.ts";
import { createJobReport } from "./job-report.ts";

export type Lease = Readonly<{
  buckets: readonly number[];
  /** Adds its share of a batch; the lease then stays until `graceUntilMs`, within its time slice. */
  credit: (entries: readonly DecidedEntry[], graceUntilMs: number) => void;
  /**
   * Ends the lease when its time slice is over, or when it has nothing more to decide.
   *
   * @param hasMore whether orders of the partition are known to be pending
   * @returns whether it has ended
   */
  endIfDone: (hasMore: boolean, nowMs: number) => boolean;
  /** Ends the lease with an error: its batch failed for good. */
  fail: (error: unknown) => void;
  /** What the job did; rejects when it failed. */
  result: Promise<AllocateResult>;
}>;

type State = Readonly<{ name: "serving" } | { name: "grace"; untilMs: number } | { name: "ended" }>;

export type LeaseOptions = Readonly<{
  /** Those of the partition. */
  buckets: readonly number[];
  timeSliceMs: number;
  /** Enqueues the partition again, for when the time slice ends while the lease is still needed. */
  enqueueAgain: () => Promise<unknown>;
}>;

export function createLease({ buckets, timeSliceMs, enqueueAgain }: LeaseOptions): Lease {
  const startedAtMs = performance.now();
  const report = createJobReport();
  const { promise, resolve, reject } = Promise.withResolvers<AllocateResult>();
  let state: State = { name: "serving" };

  function become(next: State): void {
    if (state.name === "ended") throw new Error(`an ended lease cannot become ${next.name}`);
    state = next;
  }

  return {
    buckets,
    credit: (entries, graceUntilMs) => {
      report.add(entries);
      become({ name: "grace", untilMs: graceUntilMs });
    },
    endIfDone: (hasMore, nowMs) => {
      const isNeeded = hasMore || (state.name === "grace" && nowMs < state.untilMs);
      const isTimeUp = nowMs - startedAtMs > timeSliceMs;
      if (isNeeded && !isTimeUp) return false;
      become({ name: "ended" });
      crashAt("decision.before-completion");
      const result = () => report.result(nowMs - startedAtMs);
      resolve(isNeeded ? enqueueAgain().then(result) : result());
      return true;
    },
    fail: (error) => {
      become({ name: "ended" });
      reject(error);
    },
    result: promise,
  };
}
