// Divides the posts that this process may have in flight among the accounts, so that an account whose receivers never
// answer cannot use them up. An account may take another slot while it has fewer than are free (the dynamic thresholds
// of Choudhury and Hahne, 1998): alone it gets half of them, one of n accounts that all want more gets a share of
// n + 1. So some stay free, and an account that had none gets one at once.
export type PostSlots = Readonly<{
  /** Takes a slot. @returns false when the account has its share */
  take: (accountId: number) => boolean;
  giveBack: (accountId: number) => void;
}>;

export function createPostSlots(count: number): PostSlots {
  const takenBy = new Map<number, number>();
  let free = count;
  return {
    take: (accountId) => {
      const taken = takenBy.get(accountId) ?? 0;
      if (taken >= free) return false;
      takenBy.set(accountId, taken + 1);
      free--;
      return true;
    },
    giveBack: (accountId) => {
      const taken = takenBy.get(accountId) ?? 0;
      if (taken === 0) throw new Error(`account ${accountId} has no slot to give back`);
      if (taken === 1) takenBy.delete(accountId);
      else takenBy.set(accountId, taken - 1);
      free++;
    },
  };
}
