// The one way to repeat work in the background. A loop runs round after round with a pause in between, continues after
// a round that failed, and never runs two rounds at once. Closing it awaits the current round.
import { createThrottle } from "./throttle.ts";
import { createWakeSignal } from "./wake-signal.ts";

export type Loop = Readonly<{
  /** Begins the next round now, or right after the current one. */
  wake: () => void;
  /** Begins no further round; resolves when the current one has ended. */
  close: () => Promise<void>;
}>;

/** The last round, to choose the pause after it. `failureCount` counts the failures in a row. */
export type Round = Readonly<{ tookMs: number; failureCount: number }>;

export type LoopOptions = Readonly<{
  /** One round. `closing` is aborted when the loop is closed, so that a long round can end early. */
  run: (closing: AbortSignal) => Promise<unknown>;
  /** Milliseconds between the end of a round and the beginning of the next one; a negative number is no pause. */
  pauseMs: number | ((round: Round) => number);
  /** Told the error of a failed round, at most once in five seconds, and not while the loop closes. */
  onError: (error: Error) => void;
}>;

/** Starts a loop; its first round begins before this returns. It keeps the process alive until it is closed. */
export function startLoop({ run, pauseMs, onError }: LoopOptions): Loop {
  const closing = new AbortController();
  const { wake, sleep } = createWakeSignal();
  const report = createThrottle(onError);
  let failureCount = 0;

  async function runOnce(): Promise<void> {
    try {
      await run(closing.signal);
      failureCount = 0;
    } catch (error) {
      failureCount++;
      if (!closing.signal.aborted) report(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async function repeat(): Promise<void> {
    while (!closing.signal.aborted) {
      const startedAtMs = performance.now();
      await runOnce();
      if (closing.signal.aborted) return;
      const tookMs = performance.now() - startedAtMs;
      await sleep(Math.max(0, typeof pauseMs === "number" ? pauseMs : pauseMs({ tookMs, failureCount })));
    }
  }

  const running = repeat();
  return {
    wake,
    close: async () => {
      closing.abort();
      wake();
      await running;
    },
  };
}
