// Calls about one order that are repeated until a deadline. A request that can wait at the server does so for 10 s at
// most, so that a dead connection costs seconds and not the whole deadline.

import { isOrder, type Order } from "../wire/order.ts";
import { pauseMs } from "./backoff.ts";
import type { Call, Client } from "./client.ts";
import { isRetryable } from "./errors.ts";
import { type JsonAnswer, sendForAnswer } from "./request.ts";
import { createWatchdog, delay } from "./timing.ts";

/** Who is called, and until when. */
export type Attempts = Readonly<{ client: Client; endsAtMs: number; signal: AbortSignal | undefined }>;

/** How to make a call. */
export type AttemptOptions = Readonly<{
  /** Whether the server is asked to hold the answer until the order is decided. */
  canWait: boolean;
  /** The order that the caller has; returned when the answer is 304, not modified. */
  known?: Order;
}>;

/** A successful answer, or the error of the last try before the deadline. */
export type Outcome = Readonly<
  { kind: "done"; order: Order; status: number; retryAfterMs: number | null } | { kind: "late"; cause: unknown }
>;

export const deadlineMsDefault = 30_000;
const waitSecondsMax = 10;
/** How long an answer may take in addition to the time that the server waits. */
const answerMaxMs = 10_000;
/** The server's wait ends this long before the deadline, so that the answer arrives in time. */
const marginMs = 250;

export function startAttempts(client: Client, deadlineMs: number, signal: AbortSignal | undefined): Attempts {
  return { client, endsAtMs: performance.now() + deadlineMs, signal };
}

/**
 * Makes a call, and repeats it after errors that may be temporary.
 *
 * @throws ProblemError that a retry would not change, and the signal's reason
 */
export async function tryForOrder(attempts: Attempts, call: Call, options: AttemptOptions): Promise<Outcome> {
  const { endsAtMs, signal } = attempts;
  let cause: unknown;
  for (let failureCount = 0; ; failureCount++) {
    signal?.throwIfAborted();
    const restMs = endsAtMs - performance.now();
    if (restMs <= 0) return { kind: "late", cause };
    try {
      const { value, status, retryAfterMs } = await callOnce(attempts, call, restMs, options);
      return { kind: "done", order: value, status, retryAfterMs };
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

/** Makes a call once; a held one asks the server to wait before it answers (`Prefer: wait`, RFC 7240). */
async function callOnce(
  { client, signal }: Attempts,
  call: Call,
  restMs: number,
  { canWait, known }: AttemptOptions,
): Promise<JsonAnswer<Order>> {
  const waitSeconds = canWait ? Math.max(0, Math.min(waitSecondsMax, Math.floor((restMs - marginMs) / 1_000))) : 0;
  const headers = waitSeconds < 1 ? call.headers : { ...call.headers, prefer: `wait=${waitSeconds}` };
  const watchdog = createWatchdog(Math.min(restMs, waitSeconds * 1_000 + answerMaxMs), signal);
  watchdog.arm();
  try {
    return await sendForAnswer(client, { ...call, headers: headers ?? {} }, isOrder, watchdog.signal, known);
  } finally {
    watchdog.stop();
  }
}
