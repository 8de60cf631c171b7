// Gathers what arrives together, so that it is served with one statement. An item waits until one of a few slots is
// free. When nothing is going on it is served at once; under load the groups grow by themselves, because more gather
// while the slots are busy. Of a burst, what makes a group already goes first: the database works on it while the rest of
// the burst is still being read.
import { setImmediate as nextTurn } from "node:timers/promises";

export type Grouper<Item> = Readonly<{
  add: (item: Item) => void;
  /** Items that no slot has taken yet. */
  waitingCount: () => number;
  /** Waits until everything that was added has been served. */
  drain: () => Promise<void>;
}>;

export type GrouperOptions<Item> = Readonly<{
  /** Groups that are served at a time. */
  slotCount: number;
  /** Items in a group at most. */
  groupCountMax: number;
  /** Serves a group; answers every item in it, and never throws. */
  serve: (group: readonly Item[]) => Promise<void>;
}>;

/** So many are worth a statement of their own. */
const promptCountMax = 64;

export function createGrouper<Item>({ slotCount, groupCountMax, serve }: GrouperOptions<Item>): Grouper<Item> {
  const promptCount = Math.min(promptCountMax, groupCountMax);
  let waiting: Item[] = [];
  const serving = new Set<Promise<void>>();
  let isFlushDue = false;

  const canFlush = () => waiting.length > 0 && serving.size < slotCount;

  function flush(): void {
    const group = waiting.slice(0, groupCountMax);
    waiting = waiting.slice(groupCountMax);
    const served = serve(group).finally(() => {
      serving.delete(served);
      flushSoon();
    });
    serving.add(served);
  }

  function flushSoon(): void {
    if (isFlushDue || !canFlush()) return;
    isFlushDue = true;
    // After the requests that have arrived together have all been read.
    setImmediate(() => {
      isFlushDue = false;
      if (canFlush()) flush();
      flushSoon();
    });
  }

  return {
    add: (item) => {
      waiting.push(item);
      if (waiting.length >= promptCount && canFlush()) flush();
      else flushSoon();
    },
    waitingCount: () => waiting.length,
    drain: async () => {
      while (waiting.length > 0 || serving.size > 0) await (serving.size > 0 ? Promise.race(serving) : nextTurn());
    },
  };
}
