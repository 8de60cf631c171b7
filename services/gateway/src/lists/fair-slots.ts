// Shares a few slots among accounts, or among others that are named by a key. None ever has all of them; when a slot is
// released, those that wait take turns, whatever the number of requests that each has waiting.

export type FairSlotOptions = Readonly<{
  countMax: number;
  /** Slots that each may have at a time. */
  eachCountMax: number;
  /** Requests of each that may wait for a slot; further ones get none at once. */
  eachWaitingMax: number;
  waitMaxMs: number;
}>;

export type FairSlots<Key> = Readonly<{
  /** @returns releases the slot; undefined when no slot was free in time */
  take: (key: Key) => Promise<(() => void) | undefined>;
}>;

type Waiting = Readonly<{ take: () => void }>;
type Sharer = { takenCount: number; readonly waiting: Set<Waiting> };

export function createFairSlots<Key>(options: FairSlotOptions): FairSlots<Key> {
  const { countMax, eachCountMax, eachWaitingMax, waitMaxMs } = options;
  /** Those that have a slot or wait for one; the one whose turn is next comes first. */
  const sharers = new Map<Key, Sharer>();
  let takenCount = 0;

  const isFree = (sharer: Sharer) => takenCount < countMax && sharer.takenCount < eachCountMax;

  function takeSlot(key: Key, sharer: Sharer): () => void {
    takenCount++;
    sharer.takenCount++;
    // It goes to the end of the line.
    sharers.delete(key);
    sharers.set(key, sharer);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      takenCount--;
      sharer.takenCount--;
      forgetIdle(key, sharer);
      serveNext();
    };
  }

  function serveNext(): void {
    for (const sharer of sharers.values()) {
      const [first] = sharer.waiting;
      if (first === undefined || !isFree(sharer)) continue;
      first.take();
      return;
    }
  }

  function forgetIdle(key: Key, sharer: Sharer): void {
    if (sharer.takenCount === 0 && sharer.waiting.size === 0) sharers.delete(key);
  }

  function waitForSlot(key: Key, sharer: Sharer): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        take: () => {
          clearTimeout(timer);
          sharer.waiting.delete(waiting);
          resolve(takeSlot(key, sharer));
        },
      };
      const timer = setTimeout(() => {
        sharer.waiting.delete(waiting);
        forgetIdle(key, sharer);
        resolve(undefined);
      }, waitMaxMs);
      sharer.waiting.add(waiting);
    });
  }

  return {
    take: async (key) => {
      const sharer = sharers.get(key) ?? { takenCount: 0, waiting: new Set() };
      if (!sharers.has(key)) sharers.set(key, sharer);
      // While a slot is free, whoever waits has as many as it may have: nobody is overtaken.
      if (isFree(sharer)) return takeSlot(key, sharer);
      if (sharer.waiting.size >= eachWaitingMax) return undefined;
      return waitForSlot(key, sharer);
    },
  };
}
