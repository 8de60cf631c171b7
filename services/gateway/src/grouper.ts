// Gathers what arrives together, so that it is served with one statement. An item waits until one of a few slots is
// free. When nothing is going on it is served at once; under load the groups grow by themselves, because more gather
// while the slots are busy.
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

export function createGrouper<Item>({ slotCount, groupCountMax, serve }: GrouperOptions<Item>): Grouper<Item> {
  let waiting: Item[] = [];
  const serving = new Set<Promise<void>>();
  let isFlushDue = false;

  function flushSoon(): void {
    if (isFlushDue || waiting.length === 0 || serving.size >= slotCount) return;
    isFlushDue = true;
    // After the requests that have arrived together have all been read.
    setImmediate(() => {
      isFlushDue = false;
      const group = waiting.slice(0, groupCountMax);
      waiting = waiting.slice(groupCountMax);
      const served = serve(group).finally(() => {
        serving.delete(served);
        flushSoon();
      });
      serving.add(served);
      flushSoon();
    });
  }

  return {
    add: (item) => {
      waiting.push(item);
      flushSoon();
    },
    waitingCount: () => waiting.length,
    drain: async () => {
      while (waiting.length > 0 || serving.size > 0) await (serving.size > 0 ? Promise.race(serving) : nextTurn());
    },
  };
}
