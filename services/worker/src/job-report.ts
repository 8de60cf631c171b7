import type { AllocateResult } from "@onsale/queue/lanes";
import type { DecidedEntry } from "./decided-event.ts";

/** Sums up what a job did, for people who watch the queue. Held orders count as confirmed: they got their tickets. */
export type JobReport = Readonly<{
  /** Adds the job's share of a batch. */
  add: (entries: readonly DecidedEntry[]) => void;
  result: (durationMs: number) => AllocateResult;
}>;

const namedEventsMax = 10;

export function createJobReport(): JobReport {
  const decidedByEvent = new Map<number, number>();
  let batches = 0;
  let decided = 0;
  let confirmed = 0;
  return {
    add: (entries) => {
      batches++;
      decided += entries.length;
      for (const { eventId, status } of entries) {
        decidedByEvent.set(eventId, (decidedByEvent.get(eventId) ?? 0) + 1);
        if (status === "CONFIRMED" || status === "HELD") confirmed++;
      }
    },
    result: (durationMs) => ({
      decided,
      confirmed,
      rejected: decided - confirmed,
      batches,
      durationMs: Math.round(durationMs),
      events: Array.from(decidedByEvent, ([eventId, count]) => ({ eventId, decided: count }))
        .sort((a, b) => b.decided - a.decided)
        .slice(0, namedEventsMax),
    }),
  };
}
