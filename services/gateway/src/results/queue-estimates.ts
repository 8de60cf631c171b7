// Estimates the place of a pending order in its event's queue. Pending orders are counted when a client asks, at most
// twice a second per event; orders that this gateway recorded since the count are added, and orders decided since are
// taken off. The answer to a purchase does not wait for a count. While an event's orders are decided as soon as they
// come, its purchases cause no count at all: with a thousand events, counting cost more than selling.
import type { QueuePosition } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { countPending } from "@onsale/database/statements/pending/count-pending";
import { queuePosition } from "@onsale/domain/queue-position";
import { LRUCache } from "lru-cache";
import { createGrouper } from "../batching/grouper.ts";
import type { Decisions } from "./decisions.ts";
import { createEventProgress, type EventProgress, isBehind, noteAccepted, noteDecided } from "./event-progress.ts";

export type QueueEstimates = Readonly<{
  /** @param lastSeq the highest `seq` of the recorded orders */
  noteAccepted: (eventId: number, count: number, lastSeq: number) => void;
  /** From the last count, however old; it may start a newer one for the next caller, but does not wait for it. */
  guess: (order: OrderRow) => QueuePosition;
  /** From a count that is at most half a second old, unless the database is unavailable. */
  estimate: (order: OrderRow) => Promise<QueuePosition>;
  /** The event's recent rates of decisions (decision-rate.ts). */
  decidedPerSecond: (eventId: number) => number;
  sustainedPerSecond: (eventId: number) => number;
}>;

const eventCountMax = 10_000;
const freshMs = 500;
const groupSizeMax = 1_000;

type CountRequest = Readonly<{ progress: EventProgress; resolve: () => void }>;

export function createQueueEstimates(db: Db, decisions: Pick<Decisions, "subscribe" | "through">): QueueEstimates {
  const progressById = new LRUCache<number, EventProgress>({ max: eventCountMax });

  async function countAll(group: readonly CountRequest[]): Promise<void> {
    const begun = group.map(({ progress, resolve }) => {
      const { accepted, decided } = progress;
      return { progress, resolve, since: { atMs: performance.now(), accepted, decided } };
    });
    const eventIds = group.map(({ progress }) => progress.eventId);
    const counts = await countPending(db, eventIds).catch(() => undefined);
    const byEvent = new Map(counts?.map((row) => [row.eventId, row]));
    for (const { progress, resolve, since } of begun) {
      if (counts !== undefined) progress.counted = { marks: byEvent.get(progress.eventId), ...since };
      progress.counting = undefined;
      resolve();
    }
  }

  // One query at a time; it counts all events that were requested during the last one.
  const grouper = createGrouper<CountRequest>({ slotCount: 1, groupSizeMax, handle: countAll });

  function progressOf(eventId: number): EventProgress {
    const known = progressById.get(eventId);
    if (known !== undefined) return known;
    const progress = createEventProgress(eventId, decisions.through(eventId));
    progressById.set(eventId, progress);
    return progress;
  }

  /** @returns the running count, or undefined when the last one is still fresh */
  function refresh(progress: EventProgress): Promise<void> | undefined {
    if (progress.counted !== undefined && performance.now() - progress.counted.atMs < freshMs) return undefined;
    if (progress.counting === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      progress.counting = promise;
      grouper.add({ progress, resolve });
    }
    return progress.counting;
  }

  function positionOf({ seq }: OrderRow, { counted, rate, accepted, decided }: EventProgress): QueuePosition {
    return queuePosition(seq, counted?.marks, {
      accepted: accepted - (counted?.accepted ?? 0),
      decided: decided - (counted?.decided ?? 0),
      decidedPerSecond: rate.perSecond(),
    });
  }

  decisions.subscribe((decided) => {
    const { eventId } = decided;
    noteDecided(progressOf(eventId), decided, decisions.through(eventId));
  });

  return {
    noteAccepted: (eventId, count, lastSeq) => noteAccepted(progressOf(eventId), count, lastSeq),
    guess: (order) => {
      const progress = progressOf(order.eventId);
      if (isBehind(progress) && performance.now() - progress.behindSinceMs > freshMs) void refresh(progress);
      return positionOf(order, progress);
    },
    estimate: async (order) => {
      const progress = progressOf(order.eventId);
      await refresh(progress);
      return positionOf(order, progress);
    },
    decidedPerSecond: (eventId) => progressById.get(eventId)?.rate.perSecond() ?? 0,
    sustainedPerSecond: (eventId) => progressById.get(eventId)?.rate.sustainedPerSecond() ?? 0,
  };
}
