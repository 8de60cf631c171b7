const defaultPauseMs = 5_000;

/**
 * Throttles a function, for log lines: a dependency that is down fails many times a second.
 *
 * @param pauseMs 5 s by default
 * @returns a function that passes at most one call in that time on to `call`, and drops the others
 */
export function createThrottle<T>(call: (argument: T) => void, pauseMs = defaultPauseMs): (argument: T) => void {
  let nextAtMs = 0;
  return (argument) => {
    const nowMs = Date.now();
    if (nowMs < nextAtMs) return;
    nextAtMs = nowMs + pauseMs;
    call(argument);
  };
}
