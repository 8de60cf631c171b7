// The gateway's group commit: purchases that arrive together are recorded with one statement, and each gets its own
// answer (recorder.ts).
import type { Metrics } from "@onsale/observability/metrics";
import { createGrouper } from "./grouper.ts";
import { ProblemError } from "./problem-error.ts";
import type { IntakeAnswer, PurchaseRequest, Recorder, Submission } from "./recorder.ts";
import { newUuidV7 } from "./uuid-v7.ts";

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
  const grouper = createGrouper<Submission>({
    slotCount: insertSlotCount,
    groupCountMax: batchCountMax,
    serve: record,
  });

  return {
    submit: (request) => {
      if (grouper.waitingCount() >= waitingCountMax) {
        rejected.inc({ reason: "overloaded" });
        return Promise.reject(new ProblemError("overloaded"));
      }
      const { promise, resolve, reject } = Promise.withResolvers<IntakeAnswer>();
      grouper.add({ id: newUuidV7(), request, resolve, reject });
      return promise;
    },
    close: grouper.drain,
  };
}
