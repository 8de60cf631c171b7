// Confirms, cancels and extends orders. Requests that come together share a transaction, as purchases do
// (apply-transitions.ts of packages/database). No stock is written, so a storm of cancellations costs the lane no
// conflict.
import type { Db } from "@onsale/database/client";
import { classify, withContentionRetries } from "@onsale/database/errors";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { type AppliedGroup, applyTransitions, OrderLockedError } from "@onsale/database/transitions/apply-transitions";
import type { Outcome, PlannedTransition, TransitionRequest } from "@onsale/database/transitions/plan";
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { Metrics } from "@onsale/observability/metrics";
import { createGrouper } from "../batching/grouper.ts";
import { ProblemError } from "../http/problem-error.ts";

/** The order after the request, and what the request came to. `seq` is the number of a late payment. */
export type TransitionAnswer = Readonly<{
  outcome:
    | Exclude<Outcome, { kind: "not-found" | "again" | "locked" | "late" }>
    | Readonly<{ kind: "late"; seq: number }>;
  order: OrderRow;
}>;

export type Transitions = Readonly<{
  /**
   * @returns once everything is committed
   * @throws ProblemError `order-not-found`, `overloaded` or `dependency-unavailable`
   */
  submit: (request: TransitionRequest) => Promise<TransitionAnswer>;
  close: () => Promise<void>;
}>;

/** Transactions that run at a time; each uses a connection. */
export const transitionSlotCount = 2;
const groupSizeMax = 200;
const queuedCountMax = 20_000;

type Queued = Readonly<{
  request: TransitionRequest;
  resolve: (answer: TransitionAnswer) => void;
  reject: (error: unknown) => void;
}>;

/** @param onCommitted called once transitions are committed, before their requests are answered */
export function createTransitions(
  db: Db,
  metrics: Metrics,
  onCommitted: (transitions: readonly PlannedTransition[]) => void,
): Transitions {
  const retries = metrics.counter("db_transaction_retries_total");
  const rejected = metrics.counter("admission_rejected_total");
  const grouper = createGrouper<Queued>({ slotCount: transitionSlotCount, groupSizeMax, handle });

  async function handle(group: readonly Queued[]): Promise<void> {
    try {
      crashAt("transition.before-change");
      const requests = group.map(({ request }) => request);
      const result = await withContentionRetries(
        () => applyTransitions(db, requests),
        (sqlstate) => retries.inc({ sqlstate }),
      );
      crashAt("transition.committed");
      if (result.transitions.length > 0) onCommitted(result.transitions);
      crashAt("transition.before-answer");
      for (const [index, queued] of group.entries()) answer(queued, result.outcomes[index], result);
    } catch (error) {
      await refuse(group, error);
    }
  }

  function answer(queued: Queued, outcome: Outcome | undefined, { orders, seqs }: AppliedGroup): void {
    const order = orders.get(queued.request.orderId);
    if (outcome === undefined || outcome.kind === "not-found" || order === undefined) {
      queued.reject(new ProblemError("order-not-found", "No order has this id."));
    } else if (outcome.kind === "again") grouper.add(queued);
    else if (outcome.kind === "locked") void handle([queued]);
    else if (outcome.kind === "late")
      queued.resolve({ order, outcome: { kind: "late", seq: seqs[outcome.index] ?? 0 } });
    else queued.resolve({ order, outcome });
  }

  async function refuse(group: readonly Queued[], error: unknown): Promise<void> {
    if (group.length > 1 && classify(error) !== "unavailable") {
      // One of them may be at fault.
      for (const queued of group) await handle([queued]);
      return;
    }
    if (error instanceof OrderLockedError) {
      for (const { reject } of group)
        reject(new ProblemError("dependency-unavailable", beingChanged, { cause: error }));
      return;
    }
    const kind = classify(error);
    const code = kind === "unavailable" || kind === "contention" ? "dependency-unavailable" : "internal-error";
    if (code === "dependency-unavailable") rejected.inc({ reason: code }, group.length);
    for (const { reject } of group) reject(new ProblemError(code, outcomeUnknown, { cause: error }));
  }

  return {
    submit: (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<TransitionAnswer>();
      if (grouper.queuedCount() >= queuedCountMax) {
        rejected.inc({ reason: "overloaded" });
        reject(new ProblemError("overloaded"));
      } else grouper.add({ request, resolve, reject });
      return promise;
    },
    close: grouper.drain,
  };
}

const outcomeUnknown =
  "It is not certain whether the order was changed. Send the request again, with the same Idempotency-Key if it had " +
  "one; without one, read the order first.";

const beingChanged = "Another request is changing this order. Try again.";
