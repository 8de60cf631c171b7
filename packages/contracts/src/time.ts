// What a time in a request must be.

const yearMin = 1970;
const yearMax = 9999;

/** Whether PostgreSQL and RFC 3339 can both represent a parsed time; false for an invalid one. */
export function isUsableTime(time: Date): boolean {
  // NaN for an invalid time.
  const year = time.getUTCFullYear();
  return year >= yearMin && year <= yearMax;
}

/** What is wrong with a time that is not usable. */
export const unusableTime = `must be a real time from ${yearMin} to ${yearMax}`;

/** More digits of a second than anybody measures. */
const timeLengthMax = 64;
const rfc3339Pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/i;

/**
 * Whether a text is a time with its offset from UTC (RFC 3339, section 5.6), on a day that exists. Leap seconds are
 * refused. JavaScript reads many more notations, and some days that no month has.
 */
export function isRfc3339Time(text: string): boolean {
  if (text.length > timeLengthMax) return false;
  const parts = rfc3339Pattern
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offsetHour = 0, offsetMinute = 0] = parts;
  return isDay(year, month, day) && hour < 24 && minute < 60 && second < 60 && offsetHour < 24 && offsetMinute < 60;
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
