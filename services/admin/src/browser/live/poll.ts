export type Poller = Readonly<{
  /** Reads now, or again as soon as the current read has ended, and starts over with a pause of 0. */
  refresh: () => void;
  stop: () => void;
}>;

/**
 * Reads again and again, but never twice at once and never while the page is hidden. When the page becomes visible, it
 * reads at once.
 *
 * @param read receives the length of the last pause, and returns that of the next one; null ends the polling
 * @param delayMs before the first read
 */
export function poll(
  read: (signal: AbortSignal, lastPauseMs: number) => Promise<number | null>,
  delayMs: number,
): Poller {
  const stop = new AbortController();
  let timer: number | undefined;
  let pauseMs: number | null = 0;
  let isReading = false;
  let isOutdated = false;

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    if (isReading || document.hidden || pauseMs === null || stop.signal.aborted) return;
    isReading = true;
    pauseMs = await read(stop.signal, pauseMs);
    isReading = false;
    if (isOutdated) pauseMs = 0;
    isOutdated = false;
    if (pauseMs !== null && !stop.signal.aborted) timer = window.setTimeout(() => void run(), pauseMs);
  };

  timer = window.setTimeout(() => void run(), delayMs);
  document.addEventListener("visibilitychange", () => void run(), { signal: stop.signal });
  return {
    refresh: () => {
      pauseMs = 0;
      // The current read may have begun before the change that is to be seen.
      isOutdated = isReading;
      void run();
    },
    stop: () => {
      clearTimeout(timer);
      stop.abort();
    },
  };
}
