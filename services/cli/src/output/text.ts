// Text for a terminal. A text from a server, a webhook receiver or a database can contain control characters that move
// the cursor, change the window's title or hide text, so they are removed before it is printed.
import { describeStartFailure } from "@onsale/service/supervision";

/** A text on one line, without control and formatting characters. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** A text on as many lines as it has, each of them plain. */
export function plainLines(text: string): string[] {
  return text.split("\n").map(plain);
}

/** A text as one word of a shell command that people copy; quoted when it has to be. */
export function shellWord(text: string): string {
  return /^[\w%+,./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Such as "12,300". */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** Such as "1,234.50 EUR". The currency says how many of the digits are its minor unit. */
export function money({ amount, currency }: Readonly<{ amount: number; currency: string }>): string {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  const figure = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${figure.format(amount / 10 ** (digits ?? 0))} ${currency}`;
}

/** Such as "about 600,000": an estimate, without the digits that it cannot know. */
export function about(value: number): string {
  return `about ${count(Number(value.toPrecision(2)))}`;
}

/** A time in the reader's time zone, with its offset from UTC, such as "2027-05-01 19:00:00 +02:00". */
export function time(timestamp: string | null): string {
  if (timestamp === null) return "–";
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return plain(timestamp);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} ${clock} ${offsetAt(date)}`;
}

/** How far the reader's clock is ahead of UTC at a time, such as "+05:30". */
export function offsetAt(date: Date): string {
  // Counts the minutes from the local time to UTC: it is negative east of Greenwich.
  const behind = date.getTimezoneOffset();
  const minutes = Math.abs(behind);
  return `${behind > 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Why something failed, in one line. What to do about it is left out: the caller knows more of it. */
export function whyOf(error: unknown): string {
  return plain(describeStartFailure(innermost(error)).replace(/; is the (database or Redis|host's name) .*$/, ""));
}

/** The first cause of an error; `fetch` wraps its errors. */
function innermost(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? innermost(error.cause) : error;
}
