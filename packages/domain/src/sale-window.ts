// When purchases are accepted; pure. A window contains its beginning, and not its end.

/** In milliseconds since 1970; -Infinity without a beginning, Infinity without an end. */
export type SaleWindow = Readonly<{ opensAtMs: number; closesAtMs: number }>;

/** The window of a sale that is always open. */
export const alwaysOpen: SaleWindow = { opensAtMs: Number.NEGATIVE_INFINITY, closesAtMs: Number.POSITIVE_INFINITY };

/** The window between two times; null is without that limit. */
export function windowBetween(start: Date | null, end: Date | null): SaleWindow {
  if (start === null && end === null) return alwaysOpen;
  return {
    opensAtMs: start?.getTime() ?? alwaysOpen.opensAtMs,
    closesAtMs: end?.getTime() ?? alwaysOpen.closesAtMs,
  };
}

/** What is in both windows; when nothing is, it closes before it opens. */
export function intersect(a: SaleWindow, b: SaleWindow): SaleWindow {
  if (a === b || b === alwaysOpen) return a;
  if (a === alwaysOpen) return b;
  return {
    opensAtMs: Math.max(a.opensAtMs, b.opensAtMs),
    closesAtMs: Math.min(a.closesAtMs, b.closesAtMs),
  };
}

/** Whether a window is open at a time. */
export function isWithin({ opensAtMs, closesAtMs }: SaleWindow, atMs: number): boolean {
  return atMs >= opensAtMs && atMs < closesAtMs;
}

/** The times of an event, or of a ticket type, which has none of its own but those of its sale. */
export type Times = Readonly<{
  startTime?: Date;
  endTime?: Date;
  salesStart: Date | null;
  salesEnd: Date | null;
}>;

const periods = [
  ["startTime", "endTime"],
  ["salesStart", "salesEnd"],
] as const;

/** What is wrong with a field; `pointer` is a JSON Pointer into the body. */
export type TimeFault = Readonly<{ pointer: string; detail: string }>;

/**
 * What is wrong with times that a request sets.
 *
 * @param times as they would be afterwards
 * @param sent the request's fields: a fault is that of the end, or else of the beginning, if only that was sent
 */
export function findTimeFaults(times: Times, sent: Readonly<{ endTime?: unknown; salesEnd?: unknown }>): TimeFault[] {
  return periods.flatMap(([startName, endName]) => {
    const start = times[startName];
    const end = times[endName];
    if (start == null || end == null || end > start) return [];
    const isEndSent = sent[endName] !== undefined;
    const fault = isEndSent
      ? { pointer: `/${endName}`, detail: `must be after ${startName}` }
      : { pointer: `/${startName}`, detail: `must be before ${endName}` };
    return [fault];
  });
}
