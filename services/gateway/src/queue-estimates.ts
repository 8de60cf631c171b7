// Tells pending orders where they stand. An event's pending orders are counted when somebody asks, twice a second at
// most; what this gateway recorded and what all workers decided since then is added and taken off. A purchase is
// answered from what is known, without waiting for a count.
import type { QueuePosition } from "@onsale/contracts/order";
import type { Decided } from "@onsale/database/channels";
import type { Db } from "@onsale/database/client";
import { countPending } from "@onsale/database/statements/count-pending";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { type PendingMarks, queuePosition } from "@onsale/domain/queue-position";
import { LRUCache } from "lru-cache";
import { createDecisionRate, type DecisionRate } from "./decision-rate.ts";
import { createGrouper } from "./grouper.ts";

export type QueueEstimates = Readonly<{
  noteAccepted: (eventId: number, count: number) => void;
  noteDecided: (decided: Decided) => void;
  /** From the last count, whenever that was; a newer one is made for the next who asks. */
  guess: (order: OrderRow) => QueuePosition;
  /** From a count that is at most half a second old, unless the database cannot be asked. */
  estimate: (order: OrderRow) => Promise<QueuePosition>;
  decidedPerSecond: (eventId: number) => number;
}>;

const eventCountMax = 10_000;
const freshMs = 500;
const groupCountMax = 1_000;

type Tally = {
  readonly eventId: number;
  readonly rate: DecisionRate;
  accepted: number;
  decided: number;
  /** The last count, with what the tally said when it began. */
  counted: Readonly<{ marks: PendingMarks | undefined; atMs: number; accepted: number; decided: number }> | undefined;
  /** The count that will come. */
  counting: Promise<void> | undefined;
};

type Question = Readonly<{ tally: Tally; resolve: () => void }>;

export function createQueueEstimates(db: Db): QueueEstimates {
  const tallies = new LRUCache<number, Tally>({ max: eventCountMax });

  async function count(group: readonly Question[]): Promise<void> {
    const begun = group.map(({ tally, resolve }) => {
      const { accepted, decided } = tally;
      return { tally, resolve, since: { atMs: performance.now(), accepted, decided } };
    });
    const eventIds = group.map(({ tally }) => tally.eventId);
    const counts = await countPending(db, eventIds).catch(() => undefined);
    const byEvent = new Map(counts?.map((row) => [row.eventId, row]));
    for (const { tally, resolve, since } of begun) {
      if (counts !== undefined) tally.counted = { marks: byEvent.get(tally.eventId), ...since };
      tally.counting = undefined;
      resolve();
    }
  }

  // One query at a time, for all events that were asked about meanwhile.
  const grouper = createGrouper<Question>({ slotCount: 1, groupCountMax, serve: count });

  function tallyOf(eventId: number): Tally {
    const known = tallies.get(eventId);
    if (known !== undefined) return known;
    const rate = createDecisionRate();
    const tally: Tally = { eventId, rate, accepted: 0, decided: 0, counted: undefined, counting: undefined };
    tallies.set(eventId, tally);
    return tally;
  }

  /** @returns the count that will come, or undefined when the last one is still fresh */
  function refresh(tally: Tally): Promise<void> | undefined {
    if (tally.counted !== undefined && performance.now() - tally.counted.atMs < freshMs) return undefined;
    if (tally.counting === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      tally.counting = promise;
      grouper.add({ tally, resolve });
    }
    return tally.counting;
  }

  function positionOf({ seq }: OrderRow, { counted, rate, accepted, decided }: Tally): QueuePosition {
    return queuePosition(seq, counted?.marks, {
      accepted: accepted - (counted?.accepted ?? 0),
      decided: decided - (counted?.decided ?? 0),
      decidedPerSecond: rate.perSecond(),
    });
  }

  return {
    noteAccepted: (eventId, acceptedCount) => {
      tallyOf(eventId).accepted += acceptedCount;
    },
    noteDecided: (decided) => {
      const tally = tallyOf(decided.eventId);
      tally.decided += decided.count;
      tally.rate.note(decided.count);
    },
    guess: (order) => {
      const tally = tallyOf(order.eventId);
      void refresh(tally);
      return positionOf(order, tally);
    },
    estimate: async (order) => {
      const tally = tallyOf(order.eventId);
      await refresh(tally);
      return positionOf(order, tally);
    },
    decidedPerSecond: (eventId) => tallies.get(eventId)?.rate.perSecond() ?? 0,
  };
}
