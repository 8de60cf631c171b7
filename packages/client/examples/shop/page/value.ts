/** A value that others follow. */
export type Value<T> = Readonly<{
  get: () => T;
  set: (next: T) => void;
  /** Calls `follow` now and after each change; returns how to stop that. */
  follow: (follow: (value: T) => void) => () => void;
}>;

export function createValue<T>(initial: T): Value<T> {
  let current = initial;
  const followers = new Set<(value: T) => void>();
  return {
    get: () => current,
    set: (next) => {
      if (next === current) return;
      current = next;
      for (const tell of [...followers]) tell(next);
    },
    follow: (tell) => {
      followers.add(tell);
      tell(current);
      return () => followers.delete(tell);
    },
  };
}
