// Collects items into groups, so that one statement handles many. An item is queued until one of a few slots is free.
// Without load, items are handled at once. Under load, groups grow by themselves, because more items queue while all
// slots are busy. Of a burst, the first 64 items are a group already: the database works on them while the gateway
// still reads the rest of the burst.
import { setImmediate as nextTurn } from "node:timers/promises";

export type Grouper<Item> = Readonly<{
  add: (item: Item) => void;
  /** Items that are in no group yet. */
  queuedCount: () => number;
  /** Waits until every added item was handled. */
  drain: () => Promise<void>;
}>;

export type GrouperOptions<Item> = Readonly<{
  /** Groups that are handled at a time. */
  slotCount: number;
  groupSizeMax: number;
  /** Handles a group, answers every item of it, and never throws. */
  handle: (group: readonly Item[]) => Promise<void>;
}>;

/** So many queued items are a group without waiting for the rest of their burst. */
const burstGroupSize = 64;

export function createGrouper<Item>({ slotCount, groupSizeMax, handle }: GrouperOptions<Item>): Grouper<Item> {
  const promptSize = Math.min(burstGroupSize, groupSizeMax);
  let queued: Item[] = [];
  const inFlight = new Set<Promise<void>>();
  let isFlushDue = false;

  const canFlush = () => queued.length > 0 && inFlight.size < slotCount;

  function flush(): void {
    const group = queued.slice(0, groupSizeMax);
    queued = queued.slice(groupSizeMax);
    const handled = handle(group).finally(() => {
      inFlight.delete(handled);
      flushSoon();
    });
    inFlight.add(handled);
  }

  function flushSoon(): void {
    if (isFlushDue || !canFlush()) return;
    isFlushDue = true;
    // Runs at the end of this turn of the event loop, when the requests that came together are all read.
    setImmediate(() => {
      isFlushDue = false;
      if (canFlush()) flush();
      flushSoon();
    });
  }

  return {
    add: (item) => {
      queued.push(item);
      if (queued.length >= promptSize && canFlush()) flush();
      else flushSoon();
    },
    queuedCount: () => queued.length,
    drain: async () => {
      while (queued.length > 0 || inFlight.size > 0) await (inFlight.size > 0 ? Promise.race(inFlight) : nextTurn());
    },
  };
}
