const jitterShare = 0.2;
/** A receiver may ask for this much patience at most. */
const retryAfterMaxSeconds = 86_400;

/**
 * When a delivery is tried next, in milliseconds from now.
 *
 * @param schedule seconds before each attempt
 * @param attempted attempts of this run through the schedule
 * @param retryAfterSeconds what the receiver asked for; it can make the pause longer, up to a day, never shorter
 * @param random from 0 to 1; spreads the attempts by a fifth either way, so that a receiver that comes back is not
 *   met by all of them at once
 * @returns null when the schedule is exhausted
 */
export function nextAttemptDelayMs(
  schedule: readonly number[],
  attempted: number,
  retryAfterSeconds: number | null,
  random: number,
): number | null {
  const seconds = schedule[attempted];
  if (seconds === undefined) return null;
  const spread = seconds * (1 - jitterShare + 2 * jitterShare * random);
  const asked = Math.min(retryAfterMaxSeconds, retryAfterSeconds ?? 0);
  return Math.round(Math.max(spread, asked) * 1_000);
}

/**
 * Reads a `Retry-After` header (RFC 9110): seconds, or a date.
 *
 * @returns seconds from now, at least 0; null when there is none that can be understood
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\s*\d{1,10}\s*$/.test(header)) return Number(header);
  // Date.parse finds a year in nearly any text that has a number.
  const date = /^\s*[A-Z][a-z]+, .* GMT\s*$/.test(header) ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(date)) return null;
  return Math.max(0, Math.ceil((date - nowMs) / 1_000));
}
