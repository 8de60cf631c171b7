import { setTimeout as delay } from "node:timers/promises";

/** Looking at the installation takes this share of one connection's time at most, whatever is being looked at. */
const shareMax = 0.1;
/** A database that is slow for other reasons must not keep people in the dark: that is when they look. */
const pauseMaxMs = 3_000;
/** How soon work begins again that was not wanted for a while. */
const idleMs = 250;

/**
 * Does something again and again until it is closed; never twice at once. It is the caller's to keep `work` from failing.
 *
 * @param intervalMs between two beginnings; longer when the work itself takes long
 * @param isWanted asked before each time; nothing is done while it says no
 */
export function repeat(
  intervalMs: number,
  work: () => Promise<void>,
  isWanted: () => boolean = () => true,
): Readonly<{ close: () => Promise<void> }> {
  const closing = new AbortController();

  const pause = (ms: number) => delay(ms, undefined, { signal: closing.signal }).catch(() => undefined);

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      if (!isWanted()) {
        await pause(idleMs);
        continue;
      }
      const startedAt = performance.now();
      await work();
      const tookMs = performance.now() - startedAt;
      await pause(Math.min(pauseMaxMs, Math.max(intervalMs - tookMs, tookMs / shareMax - tookMs)));
    }
  }

  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
