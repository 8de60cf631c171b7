// What a shop does to an order after its first decision: confirm, cancel, extend. Each call is repeated until there is
// an answer, and changes the order once at most: `confirm` because a second one finds the order confirmed, the others
// because of their idempotency key.

import type { CallOptions, Client } from "../request/client.ts";
import { OrderDeadlineError } from "../request/errors.ts";
import { deadlineMsDefault, startAttempts, tryForOrder } from "../request/retry.ts";
import { delay } from "../request/timing.ts";
import type { Line, Order } from "../wire/order.ts";
import { linesOf, orderPath } from "./orders.ts";

/** Before a late payment is asked for again, when the server does not say. */
const pauseMsDefault = 1_000;

/** How to confirm. */
export type ConfirmOptions = CallOptions &
  Readonly<{
    /**
     * Your payment provider's reference of the payment: 1 to 128 visible ASCII characters. With it Onsale says which
     * payment has to be paid back (`order.refund_required`).
     */
    paymentReference?: string | undefined;
    /** How many milliseconds to retry, and to wait for the decision about a late payment. The default is 30,000. */
    deadlineMs?: number | undefined;
  }>;

/** How to change an order. */
export type ChangeOptions = CallOptions &
  Readonly<{
    /**
     * 1 to 255 visible ASCII characters; the same key of an order always means the same change. Give one that you have
     * stored, so that you can go on after a crash. The default is a random UUID.
     */
    idempotencyKey?: string | undefined;
    /** Only if this is still the order's `version`; otherwise the problem is `version-mismatch`. */
    ifMatch?: number | undefined;
    /** How many milliseconds to retry. The default is 30,000. */
    deadlineMs?: number | undefined;
  }>;

/** How to cancel. */
export type CancelOptions = ChangeOptions &
  Readonly<{
    /** Gives back only these tickets; everything by default. */
    items?: readonly Line[] | undefined;
    /** For the order's history. */
    reason?: string | undefined;
  }>;

/**
 * Confirms an order that was paid. Confirming it again gives the same answer. A payment that comes after the hold has
 * expired gets the tickets if all of them are still there; this waits for that decision.
 *
 * @returns the CONFIRMED order
 * @throws ProblemError `hold-expired`, `order-not-confirmable`, `already-confirmed` (each with `orderStatus`): there
 *   are no tickets for this payment, so it has to be paid back; `order-not-found` and others
 * @throws OrderDeadlineError when nothing was certain at the deadline: confirm again
 * @throws TypeError for a base URL that cannot be used, and the signal's reason
 */
export async function confirm(client: Client, orderId: string, options: ConfirmOptions = {}): Promise<Order> {
  const { paymentReference, deadlineMs = deadlineMsDefault, signal } = options;
  const attempts = startAttempts(client, deadlineMs, signal);
  const call = { method: "POST", path: `${orderPath(orderId)}/confirm`, body: { paymentReference } } as const;
  for (;;) {
    const sent = await tryForOrder(attempts, call, { canWait: true });
    if (sent.kind === "late") throw new OrderDeadlineError(orderId, null, sent.cause);
    if (sent.status !== 202) return sent.order;
    const pauseMs = sent.retryAfterMs ?? pauseMsDefault;
    if (performance.now() + pauseMs >= attempts.endsAtMs) throw new OrderDeadlineError(orderId, null, undefined);
    await delay(pauseMs, signal);
  }
}

/**
 * Gives back the tickets of an order that is HELD or CONFIRMED, or some of them. They are on sale again at once.
 *
 * @returns the order after it; CANCELLED when no tickets are left
 * @throws ProblemError `order-not-cancellable` and `items-exceed-order` (each with `orderStatus`), `version-mismatch`,
 *   `order-not-found` and others
 * @throws OrderDeadlineError when nothing was certain at the deadline; it has the key for another try
 * @throws TypeError for a base URL or key that cannot be sent, and the signal's reason
 */
export function cancel(client: Client, orderId: string, options: CancelOptions = {}): Promise<Order> {
  const { items, reason } = options;
  return change(client, orderId, "cancel", { items: linesOf(items), reason }, options);
}

/**
 * Lets the hold of an order expire later. A hold can be extended once.
 *
 * @param holdSeconds 30 to 3,600, from now on
 * @returns the order with its new `expiresAt`
 * @throws ProblemError `order-not-held`, `hold-expired` and `hold-extended-before` (each with `orderStatus`),
 *   `version-mismatch`, `order-not-found` and others
 * @throws OrderDeadlineError, TypeError and the signal's reason, as `cancel` does
 */
export function extend(
  client: Client,
  orderId: string,
  holdSeconds: number,
  options: ChangeOptions = {},
): Promise<Order> {
  return change(client, orderId, "extend", { holdSeconds }, options);
}

async function change(
  client: Client,
  orderId: string,
  action: "cancel" | "extend",
  body: object,
  { idempotencyKey = crypto.randomUUID(), ifMatch, deadlineMs = deadlineMsDefault, signal }: ChangeOptions,
): Promise<Order> {
  const condition = ifMatch === undefined ? {} : { "if-match": `"${ifMatch}"` };
  const headers = { "idempotency-key": idempotencyKey, ...condition };
  const call = { method: "POST", path: `${orderPath(orderId)}/${action}`, headers, body } as const;
  const sent = await tryForOrder(startAttempts(client, deadlineMs, signal), call, { canWait: false });
  if (sent.kind === "late") throw new OrderDeadlineError(orderId, idempotencyKey, sent.cause);
  return sent.order;
}
