// Delays and time limits that end early when the caller aborts.
import { NetworkError } from "./errors.ts";

/** Waits; rejects with the signal's reason as soon as the signal is aborted. */
export function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** A time limit for one request: its signal aborts after a silence, and when the caller's signal does. */
export type Watchdog = Readonly<{
  signal: AbortSignal;
  /** Starts to count silence, from zero. */
  arm: () => void;
  /** Stops to count silence, until `arm` is called again. */
  rest: () => void;
  /** Aborts the request, and removes the listener from the caller's signal. */
  stop: () => void;
}>;

/**
 * Creates a watchdog that does not count yet. After `silenceMs` it aborts with a NetworkError; when the caller's signal
 * aborts, it aborts with the same reason. (Not every browser has `AbortSignal.any`, and in Node 20 it leaks memory on
 * long-lived signals.)
 */
export function createWatchdog(silenceMs: number, callerSignal: AbortSignal | undefined): Watchdog {
  const controller = new AbortController();
  const follow = () => controller.abort(callerSignal?.reason);
  const onSilence = () => controller.abort(new NetworkError(`nothing arrived for ${Math.round(silenceMs)} ms`));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rest = () => clearTimeout(timer);
  if (callerSignal?.aborted) follow();
  else callerSignal?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    arm: () => {
      rest();
      timer = setTimeout(onSilence, silenceMs);
    },
    rest,
    stop: () => {
      rest();
      callerSignal?.removeEventListener("abort", follow);
      controller.abort();
    },
  };
}
