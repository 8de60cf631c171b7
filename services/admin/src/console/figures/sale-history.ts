// What an event sold from its beginning, in at most some hundred intervals; pure. The intervals become longer as the
// sale does: a sale of a minute is shown by the second, one of a month by the hour.
import type { SalesRow } from "@onsale/database/statements/events/summarise-sales";
import { movementsOf } from "@onsale/domain/ticket-movements";
import type { RejectionLine, SaleHistory, SaleSeries } from "../messages/event-messages.ts";
import { reasonWords } from "../present/reason-words.ts";

/** The rows that are added are by the second. */
export const rowSeconds = 1;
/** Enough for a chart, and little to send. */
export const intervalCountMax = 240;
/** Each is a multiple of the one before; longer ones are doubled. */
const widths = [rowSeconds, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

type Sums = { sold: number; returned: number; refused: number };
/** By ticket type; "" stands for all of them. */
type Interval = Map<string, Sums>;

export type HistoryBuilder = Readonly<{
  add: (row: SalesRow) => void;
  present: () => Omit<SaleHistory, "isComplete">;
}>;

export function createHistoryBuilder(): HistoryBuilder {
  let width = rowSeconds;
  /** By the number of the interval: its beginning divided by its width. */
  let intervals = new Map<number, Interval>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const rejected = new Map<string, number>();
  let decidedCount = 0;

  function widen(): void {
    while (Math.floor(last / width) - Math.floor(first / width) >= intervalCountMax) {
      const next = widths.find((one) => one > width) ?? width * 2;
      const merged = new Map<number, Interval>();
      for (const [number, interval] of intervals) {
        const target = intervalOf(merged, Math.floor((number * width) / next));
        for (const [ticketType, sums] of interval) addSums(target, ticketType, sums);
      }
      intervals = merged;
      width = next;
    }
  }

  function count({ from, to, reason, orderCount }: SalesRow): void {
    if (from === "PENDING") decidedCount += orderCount;
    if (to === "REJECTED") rejected.set(reason ?? "", (rejected.get(reason ?? "") ?? 0) + orderCount);
  }

  return {
    add: (row) => {
      count(row);
      const sums = sumsOf(row);
      if (sums.sold === 0 && sums.returned === 0 && sums.refused === 0) return;
      first = Math.min(first, row.startSeconds);
      last = Math.max(last, row.startSeconds);
      widen();
      const interval = intervalOf(intervals, Math.floor(row.startSeconds / width));
      addSums(interval, row.ticketType, sums);
      // An order with several ticket types is refused once.
      addSums(interval, "", { ...sums, refused: row.to === "REJECTED" ? row.orderCount : 0 });
    },
    present: () => {
      const numbers = [...intervals.keys()];
      const start = numbers.length === 0 ? null : numbers.reduce((least, number) => Math.min(least, number));
      const end = numbers.reduce((most, number) => Math.max(most, number), Number.NEGATIVE_INFINITY);
      const rejections = [...rejected]
        .map(([reason, orders]): RejectionLine => ({ reason, words: reasonWords(reason), orders }))
        .toSorted((one, other) => other.orders - one.orders);
      return {
        startMs: start === null ? null : start * width * 1_000,
        widthSeconds: width,
        series: start === null ? [] : presentSeries(intervals, start, end),
        decidedCount,
        rejections,
      };
    },
  };
}

function sumsOf(row: SalesRow): Sums {
  const movements = movementsOf(row);
  return {
    sold: movements.includes("sold") ? row.tickets : 0,
    returned: movements.includes("cancelled") ? row.tickets : 0,
    refused: row.to === "REJECTED" ? row.transitionCount : 0,
  };
}

function intervalOf(intervals: Map<number, Interval>, number: number): Interval {
  const known = intervals.get(number);
  if (known !== undefined) return known;
  const interval: Interval = new Map();
  intervals.set(number, interval);
  return interval;
}

function addSums(interval: Interval, ticketType: string, { sold, returned, refused }: Sums): void {
  const sums = interval.get(ticketType) ?? { sold: 0, returned: 0, refused: 0 };
  interval.set(ticketType, {
    sold: sums.sold + sold,
    returned: sums.returned + returned,
    refused: sums.refused + refused,
  });
}

function presentSeries(intervals: ReadonlyMap<number, Interval>, start: number, end: number): SaleSeries[] {
  const ticketTypes = new Set([...intervals.values()].flatMap((interval) => [...interval.keys()]));
  const numbers = Array.from({ length: end - start + 1 }, (_, index) => start + index);
  return [...ticketTypes].toSorted().map((ticketType) => {
    const values = (part: keyof Sums) => numbers.map((number) => intervals.get(number)?.get(ticketType)?.[part] ?? 0);
    return {
      ticketType: ticketType === "" ? null : ticketType,
      sold: values("sold"),
      returned: values("returned"),
      refused: values("refused"),
    };
  });
}
