const throttleMs = 5_000;

/**
 * Throttles a function, for log lines: a dependency that is down fails many times a second.
 *
 * @returns a function that passes at most one call in five seconds on to `call`, and drops the others
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
