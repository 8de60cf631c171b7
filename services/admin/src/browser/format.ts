// Formats numbers and times for display.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayClockFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const dayFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** A no-break space: keeps a number and its unit on one line. */
const gap = "\u00a0";

/** Shown in place of a missing value. */
export const nothing = "–";

export function formatCount(count: number): string {
  return whole.format(count);
}

export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? oneDigit.format(perSecond) : whole.format(perSecond);
}

export function formatMean(value: number | null): string {
  if (value === null) return nothing;
  return value < 10 ? oneDigit.format(value) : whole.format(value);
}

export function formatMilliseconds(ms: number | null): string {
  if (ms === null) return nothing;
  if (ms >= 1_000) return `${oneDigit.format(ms / 1_000)}${gap}s`;
  return ms < 10 ? `${oneDigit.format(ms)}${gap}ms` : `${whole.format(ms)}${gap}ms`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${oneDigit.format(seconds)}${gap}s`;
  if (seconds < 120) return `${whole.format(seconds)}${gap}s`;
  if (seconds < 7_200) return `${whole.format(Math.floor(seconds / 60))}${gap}min`;
  return seconds < 172_800
    ? `${whole.format(Math.floor(seconds / 3_600))}${gap}h`
    : `${whole.format(Math.floor(seconds / 86_400))}${gap}d`;
}

export function formatBytes(bytes: number): string {
  return `${whole.format(bytes / 1_000_000)}${gap}MB`;
}

/** A share in percent with one decimal, rounded down: 100 % means all of them, and 0 % none. */
export function formatPercent(part: number, all: number): string {
  if (part <= 0 || all <= 0) return `0${gap}%`;
  if (part >= all) return `100${gap}%`;
  // Multiplied first: 29 / 100 is no binary fraction, and 100 times it would be less than 29.
  const tenths = Math.floor((1_000 * part) / all);
  return tenths === 0 ? `<${gap}0.1${gap}%` : `${(tenths / 10).toFixed(1)}${gap}%`;
}

/** An amount in the minor unit of its currency; a currency that the browser does not know has two decimals. */
export function formatMoney({ amount, currency }: Readonly<{ amount: number; currency: string }>): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "code" });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** The time of day, in the time zone of the browser. */
export function formatClock(at: string | number): string {
  return clockFormat.format(new Date(at));
}

/** The day and the time to the minute, in the time zone of the browser. */
export function formatDayClock(at: number): string {
  return dayClockFormat.format(new Date(at));
}

/** The time of day, with the date when it is not today. */
export function formatTime(at: string | number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (isToday ? clockFormat : dayFormat).format(date);
}

/** Date and time. */
export function formatDateTime(at: string): string {
  return dayFormat.format(new Date(at));
}
