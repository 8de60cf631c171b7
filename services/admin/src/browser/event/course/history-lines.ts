// The lines of an event's charts, from its history; pure, without Preact, so that tests can run it in Node.
import type { SaleHistory, SaleSeries } from "../../../console/messages/event-messages.ts";

export type HistoryLines = Readonly<{
  /** In milliseconds: the beginning of the first interval, then the end of each. */
  times: readonly number[];
  /** Tickets sold until then, less those that were given back. */
  sold: readonly number[];
  /** Tickets sold within the interval, per second. */
  soldPerSecond: readonly number[];
  /** Orders refused within the interval, per second. */
  refusedPerSecond: readonly number[];
  /** The highest of `soldPerSecond`. */
  peakPerSecond: number;
}>;

/** @param ticketTypes null for the whole event */
export function linesOf(history: SaleHistory, ticketTypes: readonly string[] | null): HistoryLines {
  const { startMs, widthSeconds, series } = history;
  const isShown = ({ ticketType }: SaleSeries) =>
    ticketTypes === null ? ticketType === null : ticketType !== null && ticketTypes.includes(ticketType);
  const shown = series.filter(isShown);
  const intervalCount = series[0]?.sold.length ?? 0;
  const sum = (part: "sold" | "returned" | "refused", interval: number) =>
    shown.reduce((all, one) => all + (one[part][interval] ?? 0), 0);
  const times: number[] = [];
  const sold: number[] = [];
  const soldPerSecond: number[] = [];
  const refusedPerSecond: number[] = [];
  const add = (timeMs: number, soldUntil: number, soldThen: number, refusedThen: number) => {
    times.push(timeMs);
    sold.push(soldUntil);
    soldPerSecond.push(soldThen / widthSeconds);
    refusedPerSecond.push(refusedThen / widthSeconds);
  };
  if (startMs !== null) add(startMs, 0, 0, 0);
  for (let interval = 0; startMs !== null && interval < intervalCount; interval++) {
    const soldThen = sum("sold", interval);
    const soldUntil = (sold.at(-1) ?? 0) + soldThen - sum("returned", interval);
    add(startMs + (interval + 1) * widthSeconds * 1_000, soldUntil, soldThen, sum("refused", interval));
  }
  return { times, sold, soldPerSecond, refusedPerSecond, peakPerSecond: Math.max(0, ...soldPerSecond) };
}
