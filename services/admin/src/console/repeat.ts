import { type Loop, startLoop } from "@onsale/lifecycle/loop";

/** Work takes this share of one connection's time at most, whatever it asks. */
const shareMax = 0.1;
/** A database that is slow for other reasons must not hide the state from people: that is when they look. */
const pauseMaxMs = 3_000;
/** How soon work begins that was not wanted for a while. */
const unwantedPauseMs = 250;

/**
 * Repeats work until it is closed, never twice at once. The caller handles the errors of `work`.
 *
 * @param intervalMs between two beginnings; longer when the work itself takes long
 * @param isWanted asked before each time; when it says no, the work is skipped
 */
export function repeat(
  intervalMs: number,
  work: () => Promise<void>,
  isWanted: () => boolean = () => true,
): Pick<Loop, "close"> {
  let wasWanted = false;
  return startLoop({
    run: async () => {
      wasWanted = isWanted();
      if (wasWanted) await work();
    },
    pauseMs: ({ tookMs }) => {
      if (!wasWanted) return unwantedPauseMs;
      return Math.min(pauseMaxMs, Math.max(intervalMs - tookMs, tookMs / shareMax - tookMs));
    },
    onError: () => undefined,
  });
}
