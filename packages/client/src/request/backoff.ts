// How long to wait before another try.
import { ProblemError } from "./errors.ts";

const baseMs = 100;
const capMs = 5_000;
/** The only form of an HTTP date that may still be sent (RFC 9110, section 5.6.7). */
const httpDatePattern = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * A random pause up to a limit that doubles from 100 ms to 5 s ("full jitter"), so that clients that failed together do
 * not all try again together.
 *
 * @param failureCount how many tries in a row failed before the last one, from 0
 * @returns milliseconds
 */
export function backoffMs(failureCount: number, random: () => number = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** failureCount);
}

/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date. A date is compared with the answer's own
 * `Date` where there is one, because the clocks of server and client may differ.
 *
 * @returns milliseconds from now, at least 0; null when the header is missing or cannot be read
 */
export function readRetryAfter(headers: Pick<Headers, "get">, nowMs: number): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const at = parseHttpDate(value);
  return at === null ? null : Math.max(0, at - (parseHttpDate(headers.get("date") ?? "") ?? nowMs));
}

function parseHttpDate(text: string): number | null {
  const timeMs = httpDatePattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? null : timeMs;
}

/** The pause after an error in milliseconds: what the server asked for, plus a backoff. */
export function pauseMs(error: unknown, failureCount: number, random: () => number = Math.random): number {
  const askedMs = error instanceof ProblemError ? (error.retryAfterMs ?? 0) : 0;
  return askedMs + backoffMs(failureCount, random);
}
