import { useEffect, useRef, useState } from "preact/hooks";
import { type Poller, poll } from "./poll.ts";
import { getJson } from "./requests.ts";

const failedPauseMs = 5_000;

/** The last value that was read; and when the latest read failed, the reason, in a sentence. */
type Reading<T> = Readonly<{ value?: T | undefined; failure?: string | undefined }>;

export type Polled<T> = Reading<T> & Readonly<{ refresh: () => void }>;

/**
 * A hook that polls a path of the server for as long as the component is shown. The value is kept when a later read
 * fails. It is dropped when the path changes.
 *
 * @param path null polls nothing
 * @param pauseMs the pause after a value, given the pause before it; null ends the polling
 * @param delayMs before the first read
 */
export function usePolled<T>(
  path: string | null,
  pauseMs: (value: T, lastPauseMs: number) => number | null,
  delayMs = 0,
): Polled<T> {
  const [latest, setLatest] = useState<Reading<T> & Readonly<{ path: string | null }>>({ path: null });
  const poller = useRef<Poller>(null);
  useEffect(() => {
    if (path === null) return;
    const read = async (signal: AbortSignal, lastPauseMs: number): Promise<number | null> => {
      const result = await getJson<T>(path, signal);
      if (signal.aborted) return null;
      if (result.ok) {
        setLatest({ path, value: result.value });
        return pauseMs(result.value, lastPauseMs);
      }
      setLatest((before) => {
        return { path, value: before.path === path ? before.value : undefined, failure: result.message };
      });
      return failedPauseMs;
    };
    const started = poll(read, delayMs);
    poller.current = started;
    return started.stop;
  }, [path]);
  const refresh = () => poller.current?.refresh();
  return latest.path === path ? { ...latest, refresh } : { refresh };
}
