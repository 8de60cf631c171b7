const throttleMs = 5_000;

/**
 * Lets one call through every five seconds and drops the others: a dependency that is down fails many times a second.
 *
 * @returns `call`, throttled
 */
export function createThrottle<T>(call: (argument: T) => void): (argument: T) => void {
  let nextAtMs = 0;
  return (argument) => {
    const nowMs = Date.now();
    if (nowMs < nextAtMs) return;
    nextAtMs = nowMs + throttleMs;
    call(argument);
  };
}
