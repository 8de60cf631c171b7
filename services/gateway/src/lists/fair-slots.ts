// Shares a few slots among accounts. An account never has all of them; when a slot is released, the accounts that wait
// take turns, whatever the number of requests that each has waiting.

export type FairSlotOptions = Readonly<{
  countMax: number;
  /** Slots that one account may have at a time. */
  accountCountMax: number;
  /** Requests of one account that may wait for a slot; further ones get none at once. */
  accountWaitingMax: number;
  waitMaxMs: number;
}>;

export type FairSlots = Readonly<{
  /** @returns releases the slot; undefined when no slot was free in time */
  take: (accountId: number) => Promise<(() => void) | undefined>;
}>;

type Waiting = Readonly<{ take: () => void }>;
type Account = { takenCount: number; readonly waiting: Set<Waiting> };

export function createFairSlots(options: FairSlotOptions): FairSlots {
  const { countMax, accountCountMax, accountWaitingMax, waitMaxMs } = options;
  /** Accounts that have a slot or wait for one; the one whose turn is next comes first. */
  const accounts = new Map<number, Account>();
  let takenCount = 0;

  const isFree = (account: Account) => takenCount < countMax && account.takenCount < accountCountMax;

  function takeSlot(accountId: number, account: Account): () => void {
    takenCount++;
    account.takenCount++;
    // The account goes to the end of the line.
    accounts.delete(accountId);
    accounts.set(accountId, account);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      takenCount--;
      account.takenCount--;
      forgetIdle(accountId, account);
      serveNext();
    };
  }

  function serveNext(): void {
    for (const account of accounts.values()) {
      const [first] = account.waiting;
      if (first === undefined || !isFree(account)) continue;
      first.take();
      return;
    }
  }

  function forgetIdle(accountId: number, account: Account): void {
    if (account.takenCount === 0 && account.waiting.size === 0) accounts.delete(accountId);
  }

  function waitForSlot(accountId: number, account: Account): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        take: () => {
          clearTimeout(timer);
          account.waiting.delete(waiting);
          resolve(takeSlot(accountId, account));
        },
      };
      const timer = setTimeout(() => {
        account.waiting.delete(waiting);
        forgetIdle(accountId, account);
        resolve(undefined);
      }, waitMaxMs);
      account.waiting.add(waiting);
    });
  }

  return {
    take: async (accountId) => {
      const account = accounts.get(accountId) ?? { takenCount: 0, waiting: new Set() };
      if (!accounts.has(accountId)) accounts.set(accountId, account);
      // While a slot is free, whoever waits has as many as its account may have: nobody is overtaken.
      if (isFree(account)) return takeSlot(accountId, account);
      if (account.waiting.size >= accountWaitingMax) return undefined;
      return waitForSlot(accountId, account);
    },
  };
}
