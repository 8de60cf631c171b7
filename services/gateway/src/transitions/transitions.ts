// Confirms, cancels and extends orders. Requests that come together share a transaction, as purchases do: it locks
// their orders, decides what happens (plan.ts), and writes all of it with one commit. No stock is written, so a storm
// of cancellations costs the lane no conflict.
import type { Db } from "@onsale/database/client";
import { classify, errorCode, withContentionRetries } from "@onsale/database/errors";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { type LockedOrder, lockOrders } from "@onsale/database/statements/orders/lock-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { recordLatePayments, recordRefunds } from "@onsale/database/statements/orders/record-payments";
import { type TransitionToWrite, writeTransitions } from "@onsale/database/statements/orders/write-transitions";
import type { Metrics } from "@onsale/observability/metrics";
import { createGrouper } from "../batching/grouper.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type Outcome, planGroup, type TransitionRequest } from "./plan.ts";

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

type GroupResult = Readonly<{
  outcomes: readonly Outcome[];
  transitions: readonly TransitionToWrite[];
  orders: ReadonlyMap<string, OrderRow>;
  /** The numbers of the late payments. */
  seqs: readonly number[];
}>;

/** @param onCommitted called once transitions are committed, before their requests are answered */
export function createTransitions(
  db: Db,
  metrics: Metrics,
  onCommitted: (transitions: readonly TransitionToWrite[]) => void,
): Transitions {
  const retries = metrics.counter("db_transaction_retries_total");
  const rejected = metrics.counter("admission_rejected_total");
  const grouper = createGrouper<Queued>({ slotCount: transitionSlotCount, groupSizeMax, handle });

  async function handle(group: readonly Queued[]): Promise<void> {
    try {
      const requests = group.map(({ request }) => request);
      const result = await withContentionRetries(
        () => applyGroup(db, requests),
        (sqlstate) => retries.inc({ sqlstate }),
      );
      if (result.transitions.length > 0) onCommitted(result.transitions);
      for (const [index, queued] of group.entries()) answer(queued, result.outcomes[index], result);
    } catch (error) {
      await refuse(group, error);
    }
  }

  function answer(queued: Queued, outcome: Outcome | undefined, { orders, seqs }: GroupResult): void {
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
    if (error instanceof ProblemError) {
      for (const { reject } of group) reject(error);
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

const lockNotAvailable = "55P03";

/** @throws ProblemError when another transaction has locked the order for too long */
function lockOrWait(tx: Db, ids: readonly string[]): Promise<LockedOrder[]> {
  return lockOrders(tx, ids).catch((error: unknown) => {
    if (errorCode(error) !== lockNotAvailable) throw error;
    throw new ProblemError("dependency-unavailable", "Another request is changing this order. Try again.");
  });
}

function applyGroup(db: Db, requests: readonly TransitionRequest[]): Promise<GroupResult> {
  return db.transaction().execute(async (tx) => {
    const ids = [...new Set(requests.map(({ orderId }) => orderId))];
    const { outcomes, transitions, refunds, latePayments } = planGroup(await lockOrWait(tx, ids), requests);
    if (transitions.length > 0) await writeTransitions(tx, transitions);
    if (refunds.length > 0) await recordRefunds(tx, refunds);
    const orders = new Map((await getOrders(tx, ids)).map((order) => [order.id, order]));
    // Last, because it takes the arrival lock.
    const seqs = latePayments.length > 0 ? await recordLatePayments(tx, latePayments) : [];
    return { outcomes, transitions, orders, seqs };
  });
}
