// Tells pending orders where they stand. An event's pending orders are counted when somebody asks, twice a second at
// most; what this gateway recorded and what all workers decided since then is added and taken off. A purchase is
// answered from what is known, without waiting for a count; and while an event's orders are decided as soon as they come,
// nothing is counted for its purchases at all: with a thousand events that cost more than selling.
import type { QueuePosition } from "@onsale/contracts/order";
import type { Decided } from "@onsale/database/channels";
import type { Db } from "@onsale/database/client";
import { countPending } from "@onsale/database/statements/count-pending";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { queuePosition } from "@onsale/domain/queue-position";
import { LRUCache } from "lru-cache";
import { createTally, isBehind, noteAccepted, noteDecided, type Tally } from "./event-tally.ts";
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

type Question = Readonly<{ tally: Tally; resolve: () => void }>;

export function createQueueEstimates(db: Db): QueueEstimates {
  const tallies = new LRUCache<number, Tally>({ max: eventCountMax });

  async function countAll(group: readonly Question[]): Promise<void> {
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
  const grouper = createGrouper<Question>({ slotCount: 1, groupCountMax, serve: countAll });

  function tallyOf(eventId: number): Tally {
    const known = tallies.get(eventId);
    if (known !== undefined) return known;
    const tally = createTally(eventId);
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
    noteAccepted: (eventId, count, lastSeq) => noteAccepted(tallyOf(eventId), count, lastSeq),
    noteDecided: (decided) => noteDecided(tallyOf(decided.eventId), decided),
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
