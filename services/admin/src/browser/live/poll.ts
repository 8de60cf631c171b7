export type Poller = Readonly<{
  /** Asks now, and as soon again as if it were for the first time. */
  refresh: () => void;
  stop: () => void;
}>;

/**
 * Asks again and again, but never while an answer is awaited and never while nobody can see the page. Once the page is
 * seen again, it asks at once.
 *
 * @param read asks; is told how long the last pause was, and returns how long the next one is, or null for the last time
 * @param delayMs before it asks for the first time
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
      // What is being answered was asked before.
      isOutdated = isReading;
      void run();
    },
    stop: () => {
      clearTimeout(timer);
      stop.abort();
    },
  };
}
