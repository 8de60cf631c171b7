// Numbers and times as people read them, in the language of the page.
import type { Money } from "@onsale/client";

const language = "en-GB";

const day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const hourAndZone = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
const minute = new Intl.DateTimeFormat(language, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const moment = new Intl.DateTimeFormat(language, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

export function formatMoney({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat(language, { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** "Friday 3 May 2030, 19:30 to 22:30 CEST" */
export function formatSpan(start: string, end: string): string {
  return `${day.format(new Date(start))}, ${hour.format(new Date(start))} to ${hourAndZone.format(new Date(end))}`;
}

/** "3 May, 18:30" */
export function formatMinute(time: string): string {
  return minute.format(new Date(time));
}

export function formatMoment(time: string): string {
  return moment.format(new Date(time));
}

/** "4:05", "1:04:05" or "3 days 4:05:06"; never below zero. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const two = (value: number) => String(value).padStart(2, "0");
  const [days, hours, minutes, rest] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const clock = hours > 0 || days > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  return days > 0 ? `${days} ${days === 1 ? "day" : "days"} ${clock}` : clock;
}

/** "Floor" for `FLOOR`. */
export function formatType(ticketType: string): string {
  const words = ticketType.toLowerCase().replaceAll(/[_-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function formatTickets(count: number): string {
  return count === 1 ? "1 ticket" : `${count} tickets`;
}

/** "about 40 seconds", "about 3 minutes" */
export function formatAbout(seconds: number): string {
  if (seconds < 90) return seconds <= 1 ? "a moment" : `about ${Math.ceil(seconds)} seconds`;
  return `about ${Math.round(seconds / 60)} minutes`;
}
