// The gateway's group commit: purchases that come together are inserted with one statement, and each gets its own
// answer (recorder.ts). A purchase is queued until one of three inserts is free (grouper.ts).
import { type KeyRef, keyText } from "@onsale/database/statements/orders/find-orders-by-key";
import { newUuidV7 } from "@onsale/database/uuid";
import type { Metrics } from "@onsale/observability/metrics";
import { createGrouper } from "../batching/grouper.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { Backlog } from "../overload/backlog.ts";
import type { IntakeAnswer, PendingPurchase, PurchaseRequest, Recorder } from "./recorder.ts";

export type Intake = Readonly<{
  /**
   * @returns the answer, once the new order is committed or the key's first order is found
   * @throws ProblemError `overloaded` or `dependency-unavailable`
   */
  submit: (request: PurchaseRequest) => Promise<IntakeAnswer>;
  /** Whether a purchase with this key was submitted here and has no answer yet. */
  isPending: (key: KeyRef) => boolean;
  /** Waits until no purchase with this key is pending; returns at once when none is. */
  untilAnswered: (key: KeyRef) => Promise<void>;
  /** Waits until every submitted purchase has its answer. */
  close: () => Promise<void>;
}>;

/** Inserts that run at a time; each uses a connection. */
export const insertSlotCount = 3;
const groupSizeMax = 500;
const queuedCountMax = 20_000;
/** A purchase that was queued longer is refused: its buyer has left, and must not get tickets after an outage. */
const queuedMaxMs = 5_000;

type QueuedPurchase = PendingPurchase & Readonly<{ queuedAtMs: number }>;

export function createIntake(
  record: Recorder,
  backlog: Pick<Backlog, "noteSubmitted" | "noteAnswered">,
  metrics: Metrics,
  refuseAfterMs = queuedMaxMs,
): Intake {
  const rejected = metrics.counter("admission_rejected_total");
  const pendingCountByKey = new Map<string, number>();
  /** By key, whom to tell when it is not pending any more. */
  const awaiting = new Map<string, (() => void)[]>();
  const grouper = createGrouper<QueuedPurchase>({ slotCount: insertSlotCount, groupSizeMax, handle });

  function handle(group: readonly QueuedPurchase[]): Promise<void> {
    const oldestMs = performance.now() - refuseAfterMs;
    // A group is in the order of queueing, so the purchases that were queued for too long come first.
    const firstInTime = group.findIndex(({ queuedAtMs }) => queuedAtMs >= oldestMs);
    const lateCount = firstInTime < 0 ? group.length : firstInTime;
    for (const { reject } of group.slice(0, lateCount)) refuse(reject);
    return firstInTime < 0 ? Promise.resolve() : record(group.slice(lateCount));
  }

  function refuse(reject: (error: unknown) => void): void {
    rejected.inc({ reason: "overloaded" });
    reject(new ProblemError("overloaded"));
  }

  function countAnswered(key: string, eventId: number): void {
    backlog.noteAnswered(eventId);
    const stillPending = (pendingCountByKey.get(key) ?? 1) - 1;
    if (stillPending > 0) pendingCountByKey.set(key, stillPending);
    else {
      pendingCountByKey.delete(key);
      for (const tell of awaiting.get(key) ?? []) tell();
      awaiting.delete(key);
    }
  }

  return {
    submit: (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<IntakeAnswer>();
      if (grouper.queuedCount() >= queuedCountMax) {
        refuse(reject);
        return promise;
      }
      const key = keyText(request);
      pendingCountByKey.set(key, (pendingCountByKey.get(key) ?? 0) + 1);
      backlog.noteSubmitted(request.eventId);
      grouper.add({
        id: newUuidV7(),
        request,
        queuedAtMs: performance.now(),
        resolve: (answer) => {
          countAnswered(key, request.eventId);
          resolve(answer);
        },
        reject: (error) => {
          countAnswered(key, request.eventId);
          reject(error);
        },
      });
      return promise;
    },
    isPending: (key) => pendingCountByKey.has(keyText(key)),
    untilAnswered: (ref) => {
      const key = keyText(ref);
      if (!pendingCountByKey.has(key)) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      awaiting.set(key, [...(awaiting.get(key) ?? []), resolve]);
      return promise;
    },
    close: grouper.drain,
  };
}
