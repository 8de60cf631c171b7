import { NetworkError } from "./errors.ts";

/** Waits, and rejects with the signal's reason as soon as it aborts. */
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

/** Guards one request: its signal aborts with the caller's signal, and after a silence. */
export type Watchdog = Readonly<{
  signal: AbortSignal;
  /** From now on silence counts, from the beginning. */
  arm: () => void;
  /** Silence does not count until it is armed again. */
  rest: () => void;
  /** Ends what it guards, and lets go of the caller's signal. */
  stop: () => void;
}>;

/**
 * A watchdog, at rest. After `silenceMs` it aborts with a NetworkError, and with the caller's signal it aborts for the
 * caller's reason. (AbortSignal.any would do, but not in every browser, and in Node 20 it leaks on long-lived signals.)
 */
export function createWatchdog(silenceMs: number, callerSignal: AbortSignal | undefined): Watchdog {
  const controller = new AbortController();
  const follow = () => controller.abort(callerSignal?.reason);
  const bark = () => controller.abort(new NetworkError(`nothing was heard for ${Math.round(silenceMs)} ms`));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rest = () => clearTimeout(timer);
  if (callerSignal?.aborted) follow();
  else callerSignal?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    arm: () => {
      rest();
      timer = setTimeout(bark, silenceMs);
    },
    rest,
    stop: () => {
      rest();
      callerSignal?.removeEventListener("abort", follow);
      controller.abort();
    },
  };
}
