// Tells pending orders where they stand. An event's pending orders are counted when somebody asks, twice a second at
// most; what this gateway recorded and what all workers decided since then is added and taken off. A purchase is
// answered from what is known, without waiting for a count; and while an event's orders are decided as soon as they come,
// nothing is counted for its purchases at all: with a thousand events that cost more than selling.
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
  /** @param lastSeq of the orders that were recorded */
  noteAccepted: (eventId: number, count: number, lastSeq: number) => void;
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
  /** The last order that this gateway recorded, and the last one that is known to be decided. */
  acceptedSeq: number;
  decidedSeq: number;
  /** When this gateway had orders that were not decided for the first time since it had none. */
  behindSinceMs: number;
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
    const tally: Tally = {
      ...{ eventId, rate: createDecisionRate(), accepted: 0, decided: 0, acceptedSeq: 0, decidedSeq: 0 },
      ...{ behindSinceMs: 0, counted: undefined, counting: undefined },
    };
    tallies.set(eventId, tally);
    return tally;
  }

  /** Once everything of this gateway is decided, nothing of it is pending: no count is needed to know that. */
  function settle(tally: Tally): void {
    if (isBehind(tally)) return;
    const { accepted, decided } = tally;
    tally.counted = { marks: undefined, atMs: Number.NEGATIVE_INFINITY, accepted, decided };
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
    noteAccepted: (eventId, acceptedCount, lastSeq) => {
      const tally = tallyOf(eventId);
      tally.accepted += acceptedCount;
      if (!isBehind(tally)) tally.behindSinceMs = performance.now();
      tally.acceptedSeq = Math.max(tally.acceptedSeq, lastSeq);
      settle(tally);
    },
    noteDecided: ({ eventId, count: decidedCount, seq }) => {
      const tally = tallyOf(eventId);
      tally.decided += decidedCount;
      tally.decidedSeq = Math.max(tally.decidedSeq, seq);
      tally.rate.note(decidedCount);
      settle(tally);
    },
    guess: (order) => {
      const tally = tallyOf(order.eventId);
      if (isBehind(tally) && performance.now() - tally.behindSinceMs > freshMs) void refresh(tally);
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

/** Whether this gateway has recorded an order of the event that is not known to be decided. */
function isBehind({ acceptedSeq, decidedSeq }: Tally): boolean {
  return acceptedSeq > decidedSeq;
}
