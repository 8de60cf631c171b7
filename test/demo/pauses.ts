/** Waits this many milliseconds; rejects with the signal's reason when it aborts. */
export type Pause = (ms: number) => Promise<void>;

/**
 * Creates pauses that a signal ends. They share one listener: with a listener per pause, adding one would search all
 * the others.
 */
export function createPauses(stop: AbortSignal): Pause {
  const pending = new Map<NodeJS.Timeout, (reason: unknown) => void>();
  stop.addEventListener("abort", () => {
    for (const [timer, reject] of pending) {
      clearTimeout(timer);
      reject(stop.reason);
    }
    pending.clear();
  });
  return async (ms) => {
    stop.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      pending.delete(timer);
      resolve();
    }, ms);
    pending.set(timer, reject);
    return promise;
  };
}
