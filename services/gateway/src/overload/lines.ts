// The lines of pending orders that a gateway knows: that of each event, and that of all events together.
import type { EventBacklog } from "@onsale/database/statements/pending/count-backlog";
import { LRUCache } from "lru-cache";
import { createLine, type Line, type Rates, takeCount } from "./line.ts";

/** What all workers had decided, in all and by event. */
export type DecidedCounts = Readonly<{ all: number; byEvent: ReadonlyMap<number, number> }>;

type AllRates = Readonly<{ all: Rates; of: (eventId: number) => Rates }>;

export const eventFloor = 1_000;
export const allFloor = 5_000;
/** Of more events than this, the least recently used ones are forgotten until the next count. */
const eventCountMax = 10_000;
const nothingPending = { count: 0, oldestAgeSeconds: 0 };

export function createLines(pendingSeconds: number) {
  const eventSettings = { pendingSeconds, floor: eventFloor };
  const allSettings = { pendingSeconds, floor: allFloor };
  const byEvent = new LRUCache<number, Line>({ max: eventCountMax });
  const all = createLine(allSettings);

  function of(eventId: number): Line {
    const known = byEvent.get(eventId);
    if (known !== undefined) return known;
    const line = createLine(eventSettings);
    byEvent.set(eventId, line);
    return line;
  }

  return {
    all,
    /** The line of an event. */
    of,
    decidedCounts: (): DecidedCounts => ({
      all: all.decided,
      byEvent: new Map(Array.from(byEvent.entries(), ([eventId, { decided }]) => [eventId, decided])),
    }),
    /**
     * Takes what is pending of all events.
     *
     * @param before what had been decided when the count began
     * @returns how many orders are pending
     */
    takeCounts: (events: readonly EventBacklog[], before: DecidedCounts, rates: AllRates): number => {
      const pending = new Map(events.map((event) => [event.eventId, event]));
      let sum = { ...nothingPending };
      for (const { eventId, count, oldestAgeSeconds } of events) {
        of(eventId);
        sum = { count: sum.count + count, oldestAgeSeconds: Math.max(sum.oldestAgeSeconds, oldestAgeSeconds) };
      }
      for (const [eventId, line] of byEvent.entries()) {
        const counted = pending.get(eventId) ?? nothingPending;
        takeCount(line, counted, rates.of(eventId), before.byEvent.get(eventId) ?? 0, eventSettings);
      }
      takeCount(all, sum, rates.all, before.all, allSettings);
      return sum.count;
    },
  };
}
