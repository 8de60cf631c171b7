const defaultPauseMs = 5_000;

export type ThrottleOptions<T> = Readonly<{
  /** 5 s by default. */
  pauseMs?: number;
  /** The kind of a call, out of few kinds; by default all calls are of one kind. */
  kindOf?: (argument: T) => string;
}>;

/**
 * Throttles a function, for log lines: a dependency that is down fails many times a second.
 *
 * @returns a function that passes at most one call of each kind in `pauseMs` on to `call`, and drops the others
 */
export function createThrottle<T>(
  call: (argument: T) => void,
  { pauseMs = defaultPauseMs, kindOf = () => "" }: ThrottleOptions<T> = {},
): (argument: T) => void {
  const nextAtMs = new Map<string, number>();
  return (argument) => {
    const kind = kindOf(argument);
    const nowMs = Date.now();
    if (nowMs < (nextAtMs.get(kind) ?? 0)) return;
    nextAtMs.set(kind, nowMs + pauseMs);
    call(argument);
  };
}
