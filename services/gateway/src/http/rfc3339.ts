// Times as clients send them: RFC 3339, section 5.6. JavaScript reads many more notations, and some days that no month
// has.

/** More digits of a second than anybody measures. */
const textLengthMax = 64;
const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/i;

/** Whether a text is a time with its offset from UTC, on a day that exists. Leap seconds are refused. */
export function isRfc3339Time(text: string): boolean {
  if (text.length > textLengthMax) return false;
  const parts = pattern
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
