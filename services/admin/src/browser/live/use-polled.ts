import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "./ask.ts";
import { type Poller, poll } from "./poll.ts";

const failedPauseMs = 5_000;

/** What the server last answered, and why it did not answer the latest question, in its words. */
type Known<T> = Readonly<{ value?: T | undefined; failure?: string | undefined }>;

export type Polled<T> = Known<T> & Readonly<{ refresh: () => void }>;

/**
 * Asks the server again and again for as long as a view is shown. What is known of one path is never told of another, and
 * it stays known when a later question fails.
 *
 * @param path null to ask nothing
 * @param pauseMs how long to wait after an answer, given the pause before it; null to ask no more
 * @param delayMs before the first question
 */
export function usePolled<T>(
  path: string | null,
  pauseMs: (value: T, lastPauseMs: number) => number | null,
  delayMs = 0,
): Polled<T> {
  const [known, setKnown] = useState<Known<T> & Readonly<{ path: string | null }>>({ path: null });
  const poller = useRef<Poller>(null);
  useEffect(() => {
    if (path === null) return;
    const read = async (signal: AbortSignal, lastPauseMs: number): Promise<number | null> => {
      const answer = await ask<T>(path, signal);
      if (signal.aborted) return null;
      if (answer.ok) {
        setKnown({ path, value: answer.value });
        return pauseMs(answer.value, lastPauseMs);
      }
      setKnown((before) => ({ path, value: before.path === path ? before.value : undefined, failure: answer.message }));
      return failedPauseMs;
    };
    const started = poll(read, delayMs);
    poller.current = started;
    return started.stop;
  }, [path]);
  const refresh = () => poller.current?.refresh();
  return known.path === path ? { ...known, refresh } : { refresh };
}
