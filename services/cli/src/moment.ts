// Times as people type them: with an offset from UTC, or as the clocks in the reader's time zone show them.
import { InvalidArgumentError } from "commander";
import { offsetAt } from "./output/text.ts";

const typedTime = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(?: ?(Z|[+-]\d{2}:\d{2}))?$/;

const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;

/**
 * A parser of times. It also reads what `time` in output/text.ts writes.
 *
 * @returns the time in UTC, as ISO 8601 has it
 */
export function moment(text: string): string {
  const [, day, minute, seconds = ":00", offset] = typedTime.exec(text) ?? [];
  if (day === undefined || minute === undefined) {
    throw new InvalidArgumentError(
      "It must be a time, such as 2027-05-01T19:00:00Z, or 2027-05-01T19:00 in your zone.",
    );
  }
  const local = `${day}T${minute}${seconds}`;
  // `Date` takes February 30 for March 2, and 24:00 for the next day.
  if (!isOnClock(`${local}Z`, `${day}T${minute}`) || Number.isNaN(Date.parse(`${local}${offset ?? "Z"}`))) {
    throw new InvalidArgumentError("There is no such time: a day has 24 hours from 00:00, and a month its own days.");
  }
  return offset === undefined ? momentHere(local) : new Date(`${local}${offset}`).toISOString();
}

function isOnClock(utc: string, minute: string): boolean {
  const date = new Date(utc);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(minute);
}

/** A time without an offset is skipped when clocks are put forward, and comes twice when they are put back. */
function momentHere(local: string): string {
  const asUtcMs = Date.parse(`${local}Z`);
  const offsets = [asUtcMs - dayMs, asUtcMs + dayMs].map(offsetAtMs);
  const candidates = [...new Set(offsets)].map((offset) => asUtcMs - offset);
  const found = candidates.filter((ms) => ms + offsetAtMs(ms) === asUtcMs);
  const [only] = found;
  if (only === undefined) {
    throw new InvalidArgumentError("There is no such time in your zone: clocks are put forward. Give its offset, too.");
  }
  if (found.length > 1) {
    const [first, second] = found.map((ms) => offsetAt(new Date(ms)));
    throw new InvalidArgumentError(
      `Your zone has this time twice: clocks are put back. Add ${first} for the first, or ${second}.`,
    );
  }
  return new Date(only).toISOString();
}

/** How far the reader's clock is ahead of UTC. */
function offsetAtMs(ms: number): number {
  return -new Date(ms).getTimezoneOffset() * minuteMs;
}
