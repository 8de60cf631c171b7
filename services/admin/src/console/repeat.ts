// Repeats a query for the console, and bounds its share of the database.
import { type Loop, startLoop } from "@onsale/lifecycle/loop";

/** The work takes at most this share of one connection's time, however slow its queries are. */
const shareMax = 0.1;
/** When the database is slow for other reasons, people need the console most; so the pause has a limit. */
const pauseMaxMs = 3_000;
/** How often `isWanted` is checked while it returns false. */
const unwantedPauseMs = 250;

/**
 * Repeats `work` until it is closed, and never runs it twice at once. `work` handles its own errors.
 *
 * @param intervalMs between the starts of two rounds; longer when the work takes long
 * @param isWanted called before each round, which is skipped when it returns false
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
