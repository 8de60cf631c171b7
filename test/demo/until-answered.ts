import type { Answer } from "./gateway.ts";
import type { Ledger } from "./ledger.ts";
import type { Pause } from "./pauses.ts";

const pauseMaxMs = 3_000;
/** They can be repeated, but tell a buyer what they came for: that tickets are only held, or when the sale opens. */
const answers: readonly string[] = ["sold-out", "sale-not-open"];

/**
 * Repeats a request while its failures may be temporary.
 *
 * @param endsAt when it gives up, in milliseconds of `performance.now()`
 */
export async function untilAnswered(
  { ledger, stop, pause }: Readonly<{ ledger: Ledger; stop: AbortSignal; pause: Pause }>,
  endsAt: number,
  request: () => Promise<Answer>,
): Promise<Answer> {
  for (let failureCount = 0; ; failureCount++) {
    let retryAfterMs = 0;
    let cause: unknown;
    try {
      const answer = await request();
      if (answer.kind !== "problem") return answer;
      const { status, retryable, code } = answer.problem;
      if (answers.includes(code) || (!retryable && status !== 429)) return answer;
      if (status === 429) ledger.counts.slowedDown++;
      ({ retryAfterMs } = answer);
      cause = new Error(`${status} ${code}`);
    } catch (error) {
      stop.throwIfAborted();
      cause = error;
    }
    ledger.counts.retried++;
    const pauseMs = retryAfterMs + Math.random() * Math.min(pauseMaxMs, 100 * 2 ** failureCount);
    if (performance.now() + pauseMs > endsAt) throw cause;
    await pause(pauseMs);
  }
}
