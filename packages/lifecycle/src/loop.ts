// The one way in which something runs again and again in the background: a loop starts, sleeps between its rounds, goes
// on after a round that failed, and is closed by awaiting its last round. It never runs two rounds at once.
import { createThrottle } from "./throttle.ts";
import { createWakeSignal } from "./wake-signal.ts";

export type Loop = Readonly<{
  /** Begins the next round now, or right after the current one. */
  wake: () => void;
  /** Begins no further round; resolves when the current one has ended. */
  close: () => Promise<void>;
}>;

/** How the last round went, to choose the pause after it. */
export type Round = Readonly<{ tookMs: number; failureCount: number }>;

export type LoopOptions = Readonly<{
  /** One round. `closing` is aborted when the loop is closed, so that a long round can end early. */
  run: (closing: AbortSignal) => Promise<unknown>;
  /** Milliseconds between the end of a round and the next one; `failureCount` counts the failures in a row. */
  pauseMs: number | ((round: Round) => number);
  /** Told what a round threw, at most once in five seconds, and not while the loop closes. */
  onError: (error: Error) => void;
}>;

/** Starts a loop; its first round begins before this returns. */
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
      await sleep(typeof pauseMs === "number" ? pauseMs : pauseMs({ tookMs, failureCount }));
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
