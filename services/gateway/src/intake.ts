// The gateway's group commit. A purchase waits here until one of a few insert slots is free; then all that have
// gathered are recorded with one statement, and each gets its own answer (recorder.ts). When nothing is going on, a
// purchase is recorded at once; under load the groups grow by themselves, because more gather while the slots are busy.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Metrics } from "@onsale/observability/metrics";
import { newOrderId } from "./order-id.ts";
import { ProblemError } from "./problem-error.ts";
import type { IntakeAnswer, PurchaseRequest, Recorder, Submission } from "./recorder.ts";

export type Intake = Readonly<{
  /**
   * @returns once the order is committed, or its first one was found
   * @throws ProblemError `overloaded` or `dependency-unavailable`
   */
  submit: (request: PurchaseRequest) => Promise<IntakeAnswer>;
  /** Waits until everything that was submitted has its answer. */
  close: () => Promise<void>;
}>;

/** Inserts on their way at a time; each uses a connection. */
export const insertSlotCount = 3;
const batchCountMax = 500;
const waitingCountMax = 20_000;

export function createIntake(record: Recorder, metrics: Metrics): Intake {
  const rejected = metrics.counter("admission_rejected_total");
  let waiting: Submission[] = [];
  const inserts = new Set<Promise<void>>();
  let isFlushDue = false;

  function flushSoon(): void {
    if (isFlushDue || waiting.length === 0 || inserts.size >= insertSlotCount) return;
    isFlushDue = true;
    // After the requests that have arrived together have all been read.
    setImmediate(() => {
      isFlushDue = false;
      const group = waiting.slice(0, batchCountMax);
      waiting = waiting.slice(batchCountMax);
      const insert = record(group).finally(() => {
        inserts.delete(insert);
        flushSoon();
      });
      inserts.add(insert);
      flushSoon();
    });
  }

  return {
    submit: (request) => {
      if (waiting.length >= waitingCountMax) {
        rejected.inc({ reason: "overloaded" });
        return Promise.reject(new ProblemError("overloaded"));
      }
      const { promise, resolve, reject } = Promise.withResolvers<IntakeAnswer>();
      waiting.push({ id: newOrderId(), request, resolve, reject });
      flushSoon();
      return promise;
    },
    close: async () => {
      while (waiting.length > 0 || inserts.size > 0) await (inserts.size > 0 ? Promise.race(inserts) : nextTurn());
    },
  };
}
