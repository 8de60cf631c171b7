// The gateway's group commit: purchases that arrive together are recorded with one statement, and each gets its own
// answer (recorder.ts).
import { type KeyRef, keyText } from "@onsale/database/statements/orders/find-orders-by-key";
import { newUuidV7 } from "@onsale/database/uuid";
import type { Metrics } from "@onsale/observability/metrics";
import { createGrouper } from "../batching/grouper.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { IntakeAnswer, PurchaseRequest, Recorder, Submission } from "./recorder.ts";

export type Intake = Readonly<{
  /**
   * @returns once the order is committed, or its first one was found
   * @throws ProblemError `overloaded` or `dependency-unavailable`
   */
  submit: (request: PurchaseRequest) => Promise<IntakeAnswer>;
  /** Whether a purchase with this key was submitted here and has no answer yet. */
  isUnderWay: (key: KeyRef) => boolean;
  /** Waits until everything that was submitted has its answer. */
  close: () => Promise<void>;
}>;

/** Inserts on their way at a time; each uses a connection. */
export const insertSlotCount = 3;
const batchCountMax = 500;
const waitingCountMax = 20_000;
/** A purchase that waited longer is refused: its buyer has left, and must not get tickets when the database is back. */
const waitMaxMs = 5_000;

export function createIntake(record: Recorder, metrics: Metrics, refuseAfterMs = waitMaxMs): Intake {
  const rejected = metrics.counter("admission_rejected_total");
  const underWay = new Map<string, number>();
  const grouper = createGrouper<Waiting>({ slotCount: insertSlotCount, groupCountMax: batchCountMax, serve });

  function serve(group: readonly Waiting[]): Promise<void> {
    const oldestMs = performance.now() - refuseAfterMs;
    // They are in the order in which they came, so those that waited for too long are the first.
    const inTime = group.findIndex(({ submittedAtMs }) => submittedAtMs >= oldestMs);
    const lateCount = inTime < 0 ? group.length : inTime;
    for (const { reject } of group.slice(0, lateCount)) refuse(reject);
    return inTime < 0 ? Promise.resolve() : record(group.slice(lateCount));
  }

  function refuse(reject: (error: unknown) => void): void {
    rejected.inc({ reason: "overloaded" });
    reject(new ProblemError("overloaded"));
  }

  function leave(key: string): void {
    const others = (underWay.get(key) ?? 1) - 1;
    if (others === 0) underWay.delete(key);
    else underWay.set(key, others);
  }

  return {
    submit: (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<IntakeAnswer>();
      if (grouper.waitingCount() >= waitingCountMax) {
        refuse(reject);
        return promise;
      }
      const key = keyText(request);
      underWay.set(key, (underWay.get(key) ?? 0) + 1);
      grouper.add({
        ...{ id: newUuidV7(), request, submittedAtMs: performance.now() },
        resolve: (answer) => {
          leave(key);
          resolve(answer);
        },
        reject: (error) => {
          leave(key);
          reject(error);
        },
      });
      return promise;
    },
    isUnderWay: (key) => underWay.has(keyText(key)),
    close: grouper.drain,
  };
}

type Waiting = Submission & Readonly<{ submittedAtMs: number }>;
