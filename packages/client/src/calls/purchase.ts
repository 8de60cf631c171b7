// A purchase has two phases. First it is sent, again and again under one idempotency key, until the server says that
// the order is recorded. Then the order is read until it is decided.

import type { CallOptions, Client } from "../request/client.ts";
import { ProblemError, PurchaseDeadlineError } from "../request/errors.ts";
import { type Attempts, deadlineMsDefault, type Outcome, startAttempts, tryForOrder } from "../request/retry.ts";
import { delay } from "../request/timing.ts";
import type { Order, PurchaseRequest, Strategy } from "../wire/order.ts";
import { linesOf, orderPath } from "./orders.ts";

/** A server that waited answers after at least a second. */
const waitMinMs = 1_000;

/** How to purchase. */
export type PurchaseOptions = CallOptions &
  Readonly<{
    /**
     * 1 to 255 visible ASCII characters; the same key always means the same purchase. Give one that you have stored, so
     * that you can go on after a crash. The default is a random UUID.
     */
    idempotencyKey?: string | undefined;
    /** How the stock is guarded. The server's default is optimistic. */
    strategy?: Strategy | undefined;
    /** How many milliseconds to retry and to wait for the decision in all. The default is 30,000. */
    deadlineMs?: number | undefined;
  }>;

/**
 * Buys tickets, or holds them until `confirm`, and waits for the first decision. Retries broken connections, overload
 * and faults of the server with the same idempotency key until the deadline, so there is one order at most. Sold out is
 * not an error: it is an order with the status `REJECTED` and a `reason`, unless the server refuses to record it
 * (`sold-out`).
 *
 * @returns the decided order, `HELD` when the request asks to hold, `WAITING` when it has to wait for tickets; or the
 *   recorded order, still `PENDING`, when the deadline comes or the API refuses to show it. It will be decided in any
 *   case; `watchOrder` and `getOrder` show how
 * @throws PurchaseDeadlineError when nothing was known at the deadline; it has the key for another try
 * @throws ProblemError that a retry would not change (`event-not-found`, `order-limit`, `sale-closed` and others), or
 *   only later (`sale-not-open` with `opensAt`, `sale-paused`); TypeError for a base URL or key that cannot be sent,
 *   and the signal's reason
 */
export async function purchase(
  client: Client,
  request: PurchaseRequest,
  options: PurchaseOptions = {},
): Promise<Order> {
  const { idempotencyKey = crypto.randomUUID(), strategy, deadlineMs = deadlineMsDefault, signal } = options;
  const { eventCode, ticketType, quantity, items, customerRef, hold, holdSeconds } = request;
  const { allowPartial, waitlist, accessCode } = request;
  // JSON leaves out what is undefined.
  const terms = { customerRef, hold, holdSeconds, allowPartial, waitlist, accessCode };
  const body = { eventCode, ticketType, quantity, items: linesOf(items), ...terms };
  const headers = { "idempotency-key": idempotencyKey };
  const attempts = startAttempts(client, deadlineMs, signal);
  const call = { method: "POST", path: "/orders/purchase", query: { strategy }, headers, body } as const;
  const sent = await tryForOrder(attempts, call, { canWait: true });
  if (sent.kind === "late") throw new PurchaseDeadlineError(idempotencyKey, sent.cause);
  return untilDecided(attempts, sent.order);
}

/**
 * Reads a recorded order until it is decided, or until the deadline. A problem ends this, too, but is not thrown: the
 * caller would take it for the answer to the purchase, and the order exists.
 */
async function untilDecided(attempts: Attempts, recorded: Order): Promise<Order> {
  let order = recorded;
  for (let quickAnswerCount = 0; order.status === "PENDING"; ) {
    const headers = { "if-none-match": `"${order.version}"` };
    const askedAtMs = performance.now();
    const call = { method: "GET", path: orderPath(order.id), headers } as const;
    const read = await tryForOrder(attempts, call, { canWait: true, known: order }).catch(lateIfProblem);
    if (read.kind === "late") break;
    order = read.order;
    // A server that does not wait (it has no wait slots left, or is about to stop) is not asked again at once.
    const hasWaited = performance.now() - askedAtMs >= waitMinMs;
    quickAnswerCount = hasWaited ? 0 : quickAnswerCount + 1;
    const restMs = attempts.endsAtMs - performance.now();
    const waitMs = hasWaited || order.status !== "PENDING" ? 0 : Math.min(restMs, pollMs(quickAnswerCount));
    if (waitMs > 0) await delay(waitMs, attempts.signal);
  }
  return order;
}

function lateIfProblem(error: unknown): Outcome {
  if (error instanceof ProblemError) return { kind: "late", cause: error };
  throw error;
}

/** The pause after an answer without a wait: it doubles from 100 ms to one second. */
function pollMs(quickAnswerCount: number): number {
  return Math.min(1_000, 100 * 2 ** (quickAnswerCount - 1));
}
