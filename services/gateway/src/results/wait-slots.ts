/** Bounds how many requests and streams may wait at a time, in all and per account. */
export type WaitSlots = Readonly<{
  /** @returns releases the slot; undefined when no slot is free, or none for this account */
  take: (accountId: number) => (() => void) | undefined;
}>;

/** @param accountCountMax slots that one account may have at a time, so that it cannot take all of them */
export function createWaitSlots(countMax: number, accountCountMax: number): WaitSlots {
  let count = 0;
  const countByAccount = new Map<number, number>();

  function change(accountId: number, by: 1 | -1): void {
    const changed = (countByAccount.get(accountId) ?? 0) + by;
    count += by;
    if (changed > 0) countByAccount.set(accountId, changed);
    else countByAccount.delete(accountId);
  }

  return {
    take: (accountId) => {
      if (count >= countMax || (countByAccount.get(accountId) ?? 0) >= accountCountMax) return undefined;
      change(accountId, 1);
      let isTaken = true;
      return () => {
        if (isTaken) change(accountId, -1);
        isTaken = false;
      };
    },
  };
}
