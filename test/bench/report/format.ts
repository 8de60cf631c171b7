// Formats figures for people.
import type { Spread } from "./statistics.ts";

const nothing = "–";

/** Such as "12,300": above 1,000 three significant digits, because more are not reproducible. */
export function formatCount(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return nothing;
  const digits = value >= 1_000 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 };
  return value.toLocaleString("en", digits);
}

/** Milliseconds with three significant digits, at most two of them decimals. */
export function formatMs(value: number | undefined): string {
  return formatDigits(value);
}

/** Such as "21", "5.3" or "0.47". */
export function formatRatio(value: number | undefined): string {
  return formatDigits(value);
}

function formatDigits(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return nothing;
  if (value >= 100) return formatCount(value);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Median, lowest and highest, as text. */
export function formatSpread(spread: Spread | undefined, format: (value: number) => string): string {
  if (spread === undefined) return nothing;
  if (spread.min === spread.max) return format(spread.median);
  return `${format(spread.median)} (${format(spread.min)}..${format(spread.max)})`;
}
