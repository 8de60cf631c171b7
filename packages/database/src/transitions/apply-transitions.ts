// One transaction that changes orders after their first decision: it locks them, decides what happens (plan.ts), and
// writes all of it with one commit. No stock is written: the lane applies the returns (apply-returns.ts). It is in this
// package because two services change orders: gateways in groups, and the console one at a time.
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { Db } from "../client.ts";
import { errorCode } from "../errors.ts";
import { indexPlans } from "../index-plans.ts";
import { getOrders } from "../statements/orders/get-orders.ts";
import type { OrderRow } from "../statements/orders/order-row.ts";
import { type LockedOrder, lockOrders } from "../statements/transitions/lock-orders.ts";
import { recordLatePayments, recordRefunds } from "../statements/transitions/record-payments.ts";
import { writeTransitions } from "../statements/transitions/write-transitions.ts";
import { type Outcome, type Plan, type PlannedTransition, planGroup, type TransitionRequest } from "./plan.ts";

/**
 * The settings of sessions that change orders. They never wait for a locked order for long: a late payment takes the
 * arrival lock while it has its order locked, and that holds back the decisions of the whole installation.
 */
export const transitionSettings = Object.freeze({ ...indexPlans, lock_timeout: "1s" });

export type AppliedGroup = Readonly<{
  /** One for each request, in the same order. */
  outcomes: readonly Outcome[];
  transitions: readonly PlannedTransition[];
  /** The orders after it, by id. */
  orders: ReadonlyMap<string, OrderRow>;
  /** The numbers of the late payments. */
  seqs: readonly number[];
}>;

/** Another transaction has locked the only order of a group for too long. */
export class OrderLockedError extends Error {
  constructor(cause: unknown) {
    super("another transaction has locked the order", { cause });
    this.name = "OrderLockedError";
  }
}

const lockNotAvailable = "55P03";

function lockOrWait(tx: Db, ids: readonly string[]): Promise<LockedOrder[]> {
  return lockOrders(tx, ids).catch((error: unknown) => {
    throw errorCode(error) === lockNotAvailable ? new OrderLockedError(error) : error;
  });
}

/**
 * Locks the orders of a group, and writes everything but its late payments.
 *
 * @param tx must be inside a transaction
 * @throws OrderLockedError
 */
export async function changeOrders(tx: Db, requests: readonly TransitionRequest[]): Promise<Plan> {
  const ids = [...new Set(requests.map(({ orderId }) => orderId))];
  const plan = planGroup(await lockOrWait(tx, ids), requests);
  if (plan.transitions.length > 0) await writeTransitions(tx, plan.transitions);
  if (plan.refunds.length > 0) await recordRefunds(tx, plan.refunds);
  return plan;
}

/**
 * Applies a group of requests; of a group of one, no outcome is `again` or `locked`.
 *
 * @param db its sessions have `transitionSettings`
 * @throws OrderLockedError
 */
export function applyTransitions(db: Db, requests: readonly TransitionRequest[]): Promise<AppliedGroup> {
  return db.transaction().execute(async (tx) => {
    const ids = [...new Set(requests.map(({ orderId }) => orderId))];
    const { outcomes, transitions, latePayments } = await changeOrders(tx, requests);
    const orders = new Map((await getOrders(tx, ids)).map((order) => [order.id, order]));
    // Last, because it takes the arrival lock.
    const seqs = latePayments.length > 0 ? await recordLatePayments(tx, latePayments) : [];
    crashAt("transition.before-commit");
    return { outcomes, transitions, orders, seqs };
  });
}
