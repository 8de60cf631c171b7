// A purchase has two phases. First it is sent, again and again under one idempotency key, until the server says that
// the order is recorded. Then the order is read until it is decided. Each request asks the server to wait for the
// decision, but for 10 s at most, so that a dead connection costs seconds and not the whole deadline.
import { pauseMs } from "./backoff.ts";
import { orderPath } from "./calls.ts";
import { isRetryable, ProblemError, PurchaseDeadlineError } from "./errors.ts";
import { type Call, type CallOptions, type Client, sendForJson } from "./request.ts";
import { isOrder } from "./shape.ts";
import { createWatchdog, delay } from "./timing.ts";
import type { Order, PurchaseRequest, Strategy } from "./wire.ts";

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

type Context = Readonly<{ client: Client; endsAtMs: number; signal: AbortSignal | undefined }>;
type Outcome = Readonly<{ kind: "done"; order: Order } | { kind: "late"; cause: unknown }>;

const deadlineMsDefault = 30_000;
const waitSecondsMax = 10;
/** How long an answer may take in addition to the time that the server waits. */
const answerMaxMs = 10_000;
/** The server's wait ends this long before the deadline, so that the answer arrives in time. */
const marginMs = 250;
/** A server that waited answers after at least a second. */
const waitMinMs = 1_000;

/**
 * Buys tickets, and waits for the decision. Retries broken connections, overload and faults of the server with the same
 * idempotency key until the deadline, so there is one order at most. Sold out is not an error: it is an order with the
 * status `REJECTED` and a `reason`, unless the server refuses to record it (`sold-out`).
 *
 * @returns the decided order; or the recorded order, still `PENDING`, when the deadline comes or the API refuses to
 *   show it. It will be decided in any case; `watchOrder` and `getOrder` show how
 * @throws PurchaseDeadlineError when nothing was known at the deadline; it has the key for another try
 * @throws ProblemError that a retry would not change (`event-not-found`, `validation-failed` and others), TypeError for
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
  const context = { client, endsAtMs: performance.now() + deadlineMs, signal };
  const call = { method: "POST", path: "/orders/purchase", query: { strategy }, headers, body } as const;
  const sent = await tryUntilDeadline(context, call);
  if (sent.kind === "late") throw new PurchaseDeadlineError(idempotencyKey, sent.cause);
  return untilDecided(context, sent.order);
}

/**
 * Reads a recorded order until it is decided, or until the deadline. A problem ends this, too, but is not thrown: the
 * caller would take it for the answer to the purchase, and the order exists.
 */
async function untilDecided(context: Context, recorded: Order): Promise<Order> {
  let order = recorded;
  for (let quickAnswerCount = 0; order.status === "PENDING"; ) {
    const headers = { "if-none-match": `"${order.version}"` };
    const askedAtMs = performance.now();
    const call = { method: "GET", path: orderPath(order.id), headers } as const;
    const read = await tryUntilDeadline(context, call, order).catch(lateIfProblem);
    if (read.kind === "late") break;
    order = read.order;
    // A server that does not wait (it has no wait slots left, or is about to stop) is not asked again at once.
    const hasWaited = performance.now() - askedAtMs >= waitMinMs;
    quickAnswerCount = hasWaited ? 0 : quickAnswerCount + 1;
    const restMs = context.endsAtMs - performance.now();
    const waitMs = hasWaited || order.status !== "PENDING" ? 0 : Math.min(restMs, pollMs(quickAnswerCount));
    if (waitMs > 0) await delay(waitMs, context.signal);
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

/** Makes a call, and repeats it after errors that may be temporary. */
async function tryUntilDeadline(context: Context, call: Call, known?: Order): Promise<Outcome> {
  const { endsAtMs, signal } = context;
  let cause: unknown;
  for (let failureCount = 0; ; failureCount++) {
    signal?.throwIfAborted();
    const restMs = endsAtMs - performance.now();
    if (restMs <= 0) return { kind: "late", cause };
    try {
      return { kind: "done", order: await callOnce(context, call, restMs, known) };
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

/** Makes a call once, and asks the server to wait for the decision before it answers (`Prefer: wait`, RFC 7240). */
async function callOnce({ client, signal }: Context, call: Call, restMs: number, known?: Order): Promise<Order> {
  const waitSeconds = Math.min(waitSecondsMax, Math.floor((restMs - marginMs) / 1_000));
  const headers = waitSeconds < 1 ? call.headers : { ...call.headers, prefer: `wait=${waitSeconds}` };
  const watchdog = createWatchdog(Math.min(restMs, waitSeconds * 1_000 + answerMaxMs), signal);
  watchdog.arm();
  try {
    return await sendForJson(client, { ...call, headers: headers ?? {} }, isOrder, watchdog.signal, known);
  } finally {
    watchdog.stop();
  }
}
