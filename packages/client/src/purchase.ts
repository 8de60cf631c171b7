// A purchase is first placed, then waited for. Placing is done over and over, under one idempotency key, until the
// server says that the order is recorded; from then on it can only be asked for. Each request is held by the server
// until the decision, but not for long, so that a connection that has died costs seconds and not the whole deadline.
import { pauseMs } from "./backoff.ts";
import { isRetryable, ProblemError, PurchaseDeadlineError } from "./errors.ts";
import { orderPath } from "./orders.ts";
import { type Call, type CallOptions, type Client, sendForJson } from "./request.ts";
import { isOrder } from "./shape.ts";
import { createWatchdog, delay } from "./timing.ts";
import type { Order, PurchaseRequest, Strategy } from "./wire.ts";

/** How to purchase. */
export type PurchaseOptions = CallOptions &
  Readonly<{
    /**
     * 1 to 255 visible ASCII characters; the same key always means the same purchase. Give one that you have stored to
     * be able to go on after a crash; else it is a random UUID.
     */
    idempotencyKey?: string | undefined;
    /** How the stock is guarded; the server's default is optimistic. */
    strategy?: Strategy | undefined;
    /** How long to try and to wait for the decision in all, in milliseconds; 30,000 unless you say otherwise. */
    deadlineMs?: number | undefined;
  }>;

type Held = Readonly<{ client: Client; endsAtMs: number; signal: AbortSignal | undefined }>;
type Outcome = Readonly<{ kind: "done"; order: Order } | { kind: "late"; cause: unknown }>;

const deadlineMsDefault = 30_000;
const holdSecondsMax = 10;
/** What an answer may take on top of the time it is held. */
const graceMs = 10_000;
/** Kept free before the deadline, for a held answer to arrive. */
const marginMs = 250;

/**
 * Buys tickets, and waits for the decision. Broken connections, overload and faults of the server are tried again with
 * the same idempotency key until the deadline, so there is one order at most. Sold out is no error but an order that is
 * `REJECTED` with its `reason`.
 *
 * @returns the decided order; or the order that is recorded but still `PENDING`, when the deadline comes or it cannot
 *   be asked for: it will be decided in any case, and `watchOrder` or `getOrder` tell how
 * @throws PurchaseDeadlineError when the deadline passed before anything was known; it has the key to try again with
 * @throws ProblemError that trying again does not mend (`event-not-found`, `validation-failed` and others), TypeError for
 *   a base URL or key that cannot be sent, and the signal's reason
 */
export async function purchase(
  client: Client,
  request: PurchaseRequest,
  options: PurchaseOptions = {},
): Promise<Order> {
  const { idempotencyKey = crypto.randomUUID(), strategy, deadlineMs = deadlineMsDefault, signal } = options;
  const { eventCode, ticketType, quantity, customerRef } = request;
  const body = { eventCode, ticketType, quantity, ...(customerRef === undefined ? {} : { customerRef }) };
  const headers = { "idempotency-key": idempotencyKey };
  const held = { client, endsAtMs: performance.now() + deadlineMs, signal };
  const placing = { method: "POST", path: "/orders/purchase", query: { strategy }, headers, body } as const;
  const placed = await tryUntilDeadline(held, placing);
  if (placed.kind === "late") throw new PurchaseDeadlineError(idempotencyKey, placed.cause);
  return untilDecided(held, placed.order);
}

/**
 * Asks for a recorded order until it is decided, or the deadline. A problem ends it too, but is not thrown: it would be
 * taken for the purchase's, and there is an order.
 */
async function untilDecided(held: Held, placed: Order): Promise<Order> {
  let order = placed;
  for (let unheldCount = 0; order.status === "PENDING"; ) {
    const headers = { "if-none-match": `"${order.version}"` };
    const askedAtMs = performance.now();
    const call = { method: "GET", path: orderPath(order.id), headers } as const;
    const asked = await tryUntilDeadline(held, call, order).catch(lateIfProblem);
    if (asked.kind === "late") break;
    order = asked.order;
    // A server that does not hold an answer (it has no room, or is about to stop) is not asked again at once.
    const isHeld = performance.now() - askedAtMs >= 1_000;
    unheldCount = isHeld ? 0 : unheldCount + 1;
    const restMs = held.endsAtMs - performance.now();
    const waitMs = isHeld || order.status !== "PENDING" ? 0 : Math.min(restMs, pollMs(unheldCount));
    if (waitMs > 0) await delay(waitMs, held.signal);
  }
  return order;
}

function lateIfProblem(error: unknown): Outcome {
  if (error instanceof ProblemError) return { kind: "late", cause: error };
  throw error;
}

/** A pause between questions that were answered at once: 100 ms, and later one second. */
function pollMs(unheldCount: number): number {
  return Math.min(1_000, 100 * 2 ** (unheldCount - 1));
}

/** Makes a call, again and again while its errors may pass. */
async function tryUntilDeadline(held: Held, call: Call, known?: Order): Promise<Outcome> {
  const { endsAtMs, signal } = held;
  let cause: unknown;
  for (let failureCount = 0; ; failureCount++) {
    signal?.throwIfAborted();
    const restMs = endsAtMs - performance.now();
    if (restMs <= 0) return { kind: "late", cause };
    try {
      return { kind: "done", order: await callHeld(held, call, restMs, known) };
    } catch (error) {
      signal?.throwIfAborted();
      if (!isRetryable(error)) throw error;
      cause = error;
    }
    const waitMs = pauseMs(cause, failureCount);
    if (performance.now() + waitMs >= endsAtMs) return { kind: "late", cause };
    await delay(waitMs, signal);
  }
}

/** Makes a call once, and asks the server to hold its answer until the decision. */
async function callHeld({ client, signal }: Held, call: Call, restMs: number, known?: Order): Promise<Order> {
  const holdSeconds = Math.min(holdSecondsMax, Math.floor((restMs - marginMs) / 1_000));
  const headers = holdSeconds < 1 ? call.headers : { ...call.headers, prefer: `wait=${holdSeconds}` };
  const watchdog = createWatchdog(Math.min(restMs, holdSeconds * 1_000 + graceMs), signal);
  watchdog.arm();
  try {
    return await sendForJson(client, { ...call, headers: headers ?? {} }, isOrder, watchdog.signal, known);
  } finally {
    watchdog.stop();
  }
}
