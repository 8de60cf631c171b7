/** A limit to how many may wait or listen at a time, whichever way they do it, and to how many of one account. */
export type Room = Readonly<{
  /** @returns how to leave, or undefined when there is no room, or none for this account */
  enter: (accountId: number) => (() => void) | undefined;
}>;

/** @param shareMax how many of one account there may be, so that none keeps all others out */
export function createRoom(countMax: number, shareMax: number): Room {
  let count = 0;
  const countByAccount = new Map<number, number>();

  function change(accountId: number, by: 1 | -1): void {
    const changed = (countByAccount.get(accountId) ?? 0) + by;
    count += by;
    if (changed > 0) countByAccount.set(accountId, changed);
    else countByAccount.delete(accountId);
  }

  return {
    enter: (accountId) => {
      if (count >= countMax || (countByAccount.get(accountId) ?? 0) >= shareMax) return undefined;
      change(accountId, 1);
      let isInside = true;
      return () => {
        if (isInside) change(accountId, -1);
        isInside = false;
      };
    },
  };
}
