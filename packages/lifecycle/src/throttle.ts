const throttleMs = 5_000;

/**
 * Throttles a function, for log lines: a dependency that is down fails many times a second.
 *
 * @param kindOf the kind of a call, out of few; by default all calls are of one kind
 * @returns a function that passes at most one call of each kind in five seconds on to `call`, and drops the others
 */
export function createThrottle<T>(
  call: (argument: T) => void,
  kindOf: (argument: T) => string = () => "",
): (argument: T) => void {
  const nextAtMs = new Map<string, number>();
  return (argument) => {
    const kind = kindOf(argument);
    const nowMs = Date.now();
    if (nowMs < (nextAtMs.get(kind) ?? 0)) return;
    nextAtMs.set(kind, nowMs + throttleMs);
    call(argument);
  };
}
