const jitterShare = 0.2;
/** A longer `Retry-After` counts as a day. */
const retryAfterMaxSeconds = 86_400;

/**
 * How many milliseconds from now a delivery is attempted again.
 *
 * @param schedule seconds before each attempt
 * @param attempted how many attempts of the schedule have been made; a redelivery begins the schedule again
 * @param retryAfterSeconds as the receiver asked for; it can make the pause longer, up to a day, never shorter
 * @param random from 0 to 1; spreads the attempts by a fifth either way, so that a receiver that is up again does not
 *   get all of them at once
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
 * @returns seconds from now, at least 0; null without a header that can be read
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\s*\d{1,10}\s*$/.test(header)) return Number(header);
  // `Date.parse` alone would find a date in nearly any text with a number.
  const date = /^\s*[A-Z][a-z]+, .* GMT\s*$/.test(header) ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(date)) return null;
  return Math.max(0, Math.ceil((date - nowMs) / 1_000));
}
