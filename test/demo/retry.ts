// Repeats the reads of the final checks while their failures may be temporary.
import { isNetworkError, RefusedError } from "./gateway.ts";
import type { Pause } from "./pauses.ts";

/** Repeats a request until it is answered; rejects with its last error. */
export type Retry = <T>(request: () => Promise<T>) => Promise<T>;

const failingUsualMs = 30_000;
const pauseMs = 500;
const temporaryStatuses: readonly number[] = [429, 502, 503, 504];

/**
 * Creates a retry that all checks share. When a gateway has answered nothing for so long, the running check fails, and
 * each further check sends its request only once.
 */
export function createRetry(pause: Pause, showTask: (text: string) => void, failingMaxMs = failingUsualMs): Retry {
  let failingSinceMs: number | undefined;
  return async (request) => {
    for (;;) {
      try {
        const answer = await request();
        failingSinceMs = undefined;
        return answer;
      } catch (error) {
        const waitMs = waitBeforeRetryMs(error);
        if (waitMs === undefined) throw error;
        const nowMs = performance.now();
        failingSinceMs ??= nowMs;
        if (nowMs + waitMs - failingSinceMs > failingMaxMs) throw error;
        showTask("the gateway does not answer; retrying");
        await pause(waitMs);
      }
    }
  };
}

/** Undefined when a retry cannot help. */
function waitBeforeRetryMs(error: unknown): number | undefined {
  if (isNetworkError(error)) return pauseMs;
  if (!(error instanceof RefusedError) || !temporaryStatuses.includes(error.status)) return undefined;
  return Math.max(pauseMs, error.retryAfterMs);
}
