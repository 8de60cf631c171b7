// Questions are asked again while they fail in a way that may pass: whoever checks has time.
import { isNetworkError, RefusedError } from "./gateway.ts";
import type { Pause } from "./pauses.ts";

/** Asks until there is an answer; rejects with why there is none. */
export type Ask = <T>(question: () => Promise<T>) => Promise<T>;

const patienceMs = 30_000;
const pauseMs = 500;
const passingStatuses: readonly number[] = [429, 502, 503, 504];

/**
 * Patience for one check after another: a gateway that answered nothing for 30 s is given up, and is then asked once for
 * each further check.
 */
export function createPatience(pause: Pause, tell: (what: string) => void): Ask {
  let failingSinceMs: number | undefined;
  return async (question) => {
    for (;;) {
      try {
        const answer = await question();
        failingSinceMs = undefined;
        return answer;
      } catch (error) {
        const waitMs = waitBeforeNextMs(error);
        if (waitMs === undefined) throw error;
        const nowMs = performance.now();
        failingSinceMs ??= nowMs;
        if (nowMs + waitMs - failingSinceMs > patienceMs) throw error;
        tell("the gateway does not answer; asking again");
        await pause(waitMs);
      }
    }
  };
}

/** Undefined when asking again does not help. */
function waitBeforeNextMs(error: unknown): number | undefined {
  if (isNetworkError(error)) return pauseMs;
  if (!(error instanceof RefusedError) || !passingStatuses.includes(error.status)) return undefined;
  return Math.max(pauseMs, error.retryAfterMs);
}
