/** Waits so many milliseconds; rejects with the signal's reason when it aborts. */
export type Pause = (ms: number) => Promise<void>;

/**
 * Pauses that one signal ends, however many there are: a listener of each on the signal would be looked through at every
 * new one.
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
